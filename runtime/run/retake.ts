/** A step during which somebody else removed test pods says nothing about the cluster: it is repeated, once. */
import { Defect } from '../defects.ts';
import type { Finding } from '../model/finding.ts';
import type { Removal, Session } from '../model/session-contract.ts';

/** What an API server that is in trouble, a refusal, or a run that ends has nothing to do with pods that went. */
const unrelated = /^run\.|^timeout\.deadline$|^k8s\.prerequisite_missing$|^api\.(?!not_found$|bad_request$|conflict$)/;
const mostNamed = 5;

/** Of what ended a step: the pods that were removed during it. */
export async function removalsBehind(
  findings: readonly Finding[],
  session: Pick<Session, 'removals'> | undefined,
): Promise<readonly Removal[]> {
  const [first] = findings;
  if (!session || !first || unrelated.test(first.code)) return [];
  return session.removals();
}

/** "web-1 on node1 (evicted …), web-2 …" */
export function listOf(removals: readonly Removal[]): string {
  const named = removals
    .slice(0, mostNamed)
    .map(({ pod, node, words }) => `pod/${pod}${node ? ` on ${node}` : ''} was ${words}`);
  const more = removals.length > mostNamed ? [`${removals.length - mostNamed} more`] : [];
  return [...named, ...more].join('; ');
}

/** In its place where that happens twice in a row. A kubelet or a taint that evicts is the cluster's own doing; the rest is people's. */
export function removedAgain(removals: readonly Removal[]): Defect {
  const isClusters = removals.some(({ by }) => by === 'kubelet' || by === 'taint');
  return new Defect(
    'k8s.pods_removed',
    `Somebody else removed test pods during the step, and again when it was repeated: ${listOf(removals)}`,
    { blame: isClusters ? 'cluster' : 'us' },
  );
}
