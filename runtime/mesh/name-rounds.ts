/** Asks agents for names until all are right, or the wait is over. */
import { setTimeout as pause } from 'node:timers/promises';
import { type NamesQuestion, type NamesReport, reportMs } from '../../agent/contract.ts';
import type { Found, Member } from '../model/mesh.ts';
import { NamesSeen, namesVerdict, type WantedName } from './names.ts';
import { againMs, inTurns } from './rounds.ts';
import type { Silence } from './seen.ts';

export interface NameRoundsParts {
  /** One request; throws what is not about the agent. */
  ask(member: Member, question: NamesQuestion): Promise<NamesReport | Silence>;
  /** How long a new name may take to be known everywhere. */
  readonly eventTimeoutMs: number;
  readonly signal: AbortSignal;
  waiting(message: string): void;
}

export async function askForNames(
  members: readonly Member[],
  wanted: readonly WantedName[],
  parts: NameRoundsParts,
): Promise<Found & { readonly seen: NamesSeen }> {
  const began = performance.now();
  const seen = new NamesSeen(members, wanted);
  const names = wanted.map(({ name, type }) => ({ name, type }));
  for (let asked = members; ; asked = seen.troubled) {
    await inTurns(asked, async (member) => {
      parts.signal.throwIfAborted();
      const leftMs = parts.eventTimeoutMs - (performance.now() - began);
      const withinMs = Math.round(Math.max(reportMs.least, Math.min(reportMs.most, leftMs)));
      const said = await parts.ask(member, { names, withinMs });
      if ('names' in said) seen.report(member.node, said.names);
      else seen.silence(member.node, said);
    });
    const afterMs = performance.now() - began;
    const troubles = namesVerdict(seen);
    const [first] = troubles;
    if (!first || parts.eventTimeoutMs - afterMs <= reportMs.least + againMs) return { seen, troubles, afterMs };
    parts.waiting(first.message);
    await pause(againMs, undefined, { signal: parts.signal });
  }
}
