/** Asks agents for names until all are right, or the wait is over. */
import type { NamesQuestion, NamesReport } from '../../agent/contract.ts';
import type { Found, Member } from '../model/mesh.ts';
import { NamesSeen, namesVerdict, type WantedName } from './names.ts';
import { type Asking, again, askEach, isTimeLeft } from './rounds.ts';

export async function askForNames(
  members: readonly Member[],
  wanted: readonly WantedName[],
  parts: Asking<NamesQuestion, NamesReport>,
): Promise<Found & { readonly seen: NamesSeen }> {
  const began = performance.now();
  const seen = new NamesSeen(members, wanted);
  const names = wanted.map(({ name, type }) => ({ name, type }));
  for (let asked = members; ; asked = seen.troubled) {
    await askEach(asked, began, parts, async (member, withinMs) => {
      const said = await parts.ask(member, { names, withinMs });
      if ('names' in said) seen.report(member.node, said.names);
      else seen.silence(member.node, said);
    });
    const afterMs = performance.now() - began;
    const troubles = namesVerdict(seen);
    const [first] = troubles;
    if (!first || !isTimeLeft(parts.eventTimeoutMs - afterMs)) return { seen, troubles, afterMs };
    await again(first.message, parts);
  }
}
