/** Asks agents until what they say leaves no doubt: at once where all is well, again and again where it is not. */
import { setTimeout as pause } from 'node:timers/promises';
import { type AgentQuestion, type AgentReport, type Peer, reportMs } from '../../agent/contract.ts';
import type { Found, Member, Trouble } from '../model/mesh.ts';
import { nextRound, planOf } from './plan.ts';
import { Seen, type Silence } from './seen.ts';
import { verdictOf } from './troubles.ts';

export interface RoundsParts {
  /** One request; throws what is not about the agent. */
  ask(member: Member, question: AgentQuestion): Promise<AgentReport | Silence>;
  /** How long what is new, as the rules of a service, may take to work everywhere. */
  readonly eventTimeoutMs: number;
  readonly signal: AbortSignal;
  waiting(message: string): void;
}

/** Side by side: an agent needs a moment, and each of them asks others meanwhile. */
const atOnce = 48;
export const againMs = 250;
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
    await inTurns(asked, async (member) => {
      parts.signal.throwIfAborted();
      const leftMs = parts.eventTimeoutMs - (performance.now() - began);
      const withinMs = Math.round(Math.max(reportMs.least, Math.min(reportMs.most, leftMs)));
      const said = await parts.ask(member, { service, peers: peersOf(member), withinMs });
      if ('peers' in said) seen.report(member.node, said);
      else seen.silence(member.node, said);
    });
    const afterMs = performance.now() - began;
    const troubles = verdictOf(seen);
    if (isOver(seen, troubles, round, parts.eventTimeoutMs - afterMs)) return { seen, troubles, afterMs };
    parts.waiting(troubles[0]?.message ?? 'what was slow is asked again');
    await pause(againMs, undefined, { signal: parts.signal });
    asked = seen.troubled;
  }
}

function isOver(seen: Seen, troubles: readonly Trouble[], round: number, leftMs: number): boolean {
  const wasSlow = seen.ways.some(({ slow }) => slow > 0);
  if (leftMs <= reportMs.least + againMs) return true;
  // What was slow once may have been a busy moment; what is slow always is known after a few.
  if (wasSlow && round < roundsForSlow) return false;
  return troubles.every(({ code }) => code === 'mesh.slow');
}

/** So many side by side, and the next as soon as one is done: who is silent holds up nobody else. */
export async function inTurns<T>(items: readonly T[], each: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const lane = async () => {
    for (const item of waiting) await each(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
}
