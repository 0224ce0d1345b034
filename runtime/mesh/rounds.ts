/** Asks agents until what they say leaves no doubt: at once where all is well, again and again where it is not. */
import { setTimeout as pause } from 'node:timers/promises';
import { type AgentQuestion, type AgentReport, type Peer, reportMs } from '../../agent/contract.ts';
import type { Found, Member, Trouble } from '../model/mesh.ts';
import { nextRound, planOf } from './plan.ts';
import { Seen, type Silence } from './seen.ts';
import { verdictOf } from './troubles.ts';

/** `Question`, and what an agent says to it. */
export interface Asking<Question, Report> {
  /** One request; throws what is not about the agent. */
  ask(member: Member, question: Question): Promise<Report | Silence>;
  /** How long what is new, as the rules of a service or a name, may take to be known everywhere. */
  readonly eventTimeoutMs: number;
  readonly signal: AbortSignal;
  waiting(message: string): void;
}

export type RoundsParts = Asking<AgentQuestion, AgentReport>;
type Wait = Pick<RoundsParts, 'eventTimeoutMs' | 'signal' | 'waiting'>;

/** Side by side: an agent needs a moment, and each of them asks others meanwhile. */
const atOnce = 48;
const againMs = 250;
/** Whether a way is slow takes so many rounds, and no time-out. */
const roundsForSlow = 4;

export interface Rounds extends Found {
  readonly seen: Seen;
}

/** `service`: the address of the service in front of all agents. */
export async function askRounds(members: readonly Member[], service: string, parts: RoundsParts): Promise<Rounds> {
  const began = performance.now();
  const seen = new Seen(members);
  const plan = planOf(members, nextRound());
  const peersOf = ({ node }: Member): readonly Peer[] =>
    (plan.get(node) ?? []).map(({ node, host }) => ({ node, host }));
  let asked = members;
  for (let round = 1; ; round += 1) {
    await askEach(asked, began, parts, async (member, withinMs) => {
      const said = await parts.ask(member, { service, peers: peersOf(member), withinMs });
      if ('peers' in said) seen.report(member.node, said);
      else seen.silence(member.node, said);
    });
    const afterMs = performance.now() - began;
    const troubles = verdictOf(seen);
    if (isOver(seen, troubles, round, parts.eventTimeoutMs - afterMs)) return { seen, troubles, afterMs };
    await again(troubles[0]?.message ?? 'what was slow is asked again', parts);
    asked = seen.troubled;
  }
}

function isOver(seen: Seen, troubles: readonly Trouble[], round: number, leftMs: number): boolean {
  const wasSlow = seen.ways.some(({ slow }) => slow > 0);
  if (!isTimeLeft(leftMs)) return true;
  // What was slow once may have been a busy moment; what is slow always is known after a few.
  if (wasSlow && round < roundsForSlow) return false;
  return troubles.every(({ code }) => code === 'mesh.slow');
}

/** Each of them, with what an agent may take for its report: `began` is when the wait began. */
export function askEach(
  asked: readonly Member[],
  began: number,
  { eventTimeoutMs, signal }: Wait,
  ask: (member: Member, withinMs: number) => Promise<void>,
): Promise<void> {
  return inTurns(asked, async (member) => {
    signal.throwIfAborted();
    const leftMs = eventTimeoutMs - (performance.now() - began);
    await ask(member, Math.round(Math.max(reportMs.least, Math.min(reportMs.most, leftMs))));
  });
}

/** For another round. */
export function isTimeLeft(leftMs: number): boolean {
  return leftMs > reportMs.least + againMs;
}

export async function again(why: string, { waiting, signal }: Wait): Promise<void> {
  waiting(why);
  await pause(againMs, undefined, { signal });
}

/** So many side by side, and the next as soon as one is done: who is silent holds up nobody else. */
async function inTurns<T>(items: readonly T[], each: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const lane = async () => {
    for (const item of waiting) await each(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
}
