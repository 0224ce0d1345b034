/** Nodes as places to be asked from outside, one by one. */
import type { V1Node } from '@kubernetes/client-node';
import { Defect, throwFindings } from '../../defects.ts';
import type { FindingCode } from '../../findings.ts';
import type { AnsweredRequest, Unanswered } from '../../model/probing.ts';
import type { Findable } from '../../model/resource.ts';
import type { ClusterView } from './cluster-view.ts';
import { viewOf } from './managed.ts';
import { nodes as kind } from './node.ts';
import { seconds } from './object-words.ts';

/** In one run; other ones in the next. */
const mostAsked = 100;
const pageSize = 500;
const wrongAnswers: ReadonlySet<FindingCode> = new Set(['http.status', 'http.wrong_response']);

export interface NodePlace {
  readonly name: string;
  /** Of its own network, of both families where it has both. */
  readonly addresses: readonly string[];
  /** Why it is not asked: it is not Ready, cordoned, on its way out … */
  readonly unfit?: string;
  /** Milliseconds since it came, by our clock. */
  readonly ageMs: number;
}

export interface NodesHandle {
  /** Those that must answer for services: Ready, and not on their way out; where none is, all. At most 100, other ones from run to run; a note says who is left out. Raises k8s.prerequisite_missing where none has an address. */
  toAsk(): Promise<readonly NodePlace[]>;
  /**
   * Looks again at the nodes that gave no right answer: of who has become unfit meanwhile, or came less than a wait before, it leaves a note.
   * Raises timeout.waiting_on_endpoints, http.* for each other; k8s.prerequisite_missing where no node at all answers, and the service does at
   * its own address.
   */
  judge(silent: readonly Unanswered[], answered: readonly AnsweredRequest[]): Promise<void>;
}

/** The nodes of the cluster; for `t.find`. Every suite may list them. */
export function nodes(): Findable<NodesHandle> {
  return {
    find(session) {
      const view = viewOf(session);
      return {
        async toAsk() {
          const all = await placesOf(view);
          const reachable = all.filter(({ addresses }) => addresses.length > 0);
          if (reachable.length === 0)
            throw new Defect('k8s.prerequisite_missing', `None of ${all.length} nodes has an InternalIP`);
          const fit = reachable.filter(({ unfit }) => !unfit);
          // Where none is as it should be all are asked: a suite that asked nobody would prove nothing.
          const asked = fit.length > 0 ? fit : reachable;
          const left = all.filter((place) => !asked.includes(place));
          for (const { name, unfit } of left.slice(0, 5)) view.scope.note(`${name} is not asked: it ${unfit}`);
          if (left.length > 5) view.scope.note(`${left.length} of ${all.length} nodes are not asked`);
          if (asked.length <= mostAsked) return asked;
          view.scope.note(`${mostAsked} of ${asked.length} nodes are asked, others in other runs`);
          return chosen(asked);
        },
        judge: (silent, answered) => judge(view, silent, answered),
      };
    },
  };
}

async function judge(
  view: ClusterView,
  silent: readonly Unanswered[],
  answered: readonly AnsweredRequest[],
): Promise<void> {
  if (silent.length === 0) return;
  // Who came within a wait before may still be set up.
  const waitMs = view.patience.spentMs + view.patience.leftMs;
  const places = await placesOf(view);
  const now = new Map(places.map((place) => [place.name, place]));
  const isAnyFit = places.some(({ unfit }) => !unfit);
  const blamed = silent.filter(({ target: { object }, afterMs }) => {
    const place = now.get(object.name);
    const unfit = isAnyFit ? place?.unfit : undefined;
    const why = place ? (unfit ?? (place.ageMs < afterMs + waitMs ? 'is new' : undefined)) : 'is gone';
    if (why) view.scope.note(`${object.name} did not answer, and is not blamed: it ${why}`);
    return !why;
  });
  const isAny = (resource: string) => answered.some(({ target }) => target.resource === resource);
  if (blamed.length > 1 && blamed.length === silent.length && isAny('service') && !isAny('node')) {
    throw new Defect(
      'k8s.prerequisite_missing',
      `None of ${blamed.length} nodes answers at a node port from here, and the service does at its own address: ${blamed[0]?.last}; let this process reach ports 30000 to 32767 of the nodes (a firewall, or kube-proxy's --nodeport-addresses), or leave the suite out of SUITES`,
    );
  }
  throwFindings(
    blamed.map(({ target: { object, port }, code, last, afterMs }) =>
      wrongAnswers.has(code)
        ? new Defect(code, last, { object })
        : new Defect(
            'timeout.waiting_on_endpoints',
            `${object.name} did not answer at node port ${port} within ${seconds(afterMs)} although pods are ready: ${last}`,
            { object },
          ),
    ),
  );
}

/** Page by page: whole nodes are some ten kilobytes each, and little is kept of them. `isWanted`: of these; default all. */
export async function placesOf(
  view: ClusterView,
  isWanted: (node: V1Node) => boolean = () => true,
): Promise<readonly NodePlace[]> {
  const places: NodePlace[] = [];
  const now = Date.now();
  for (let next: string | undefined; ; ) {
    const keep = (node: V1Node) => (isWanted(node) ? placeOf(node, now) : undefined);
    const query = { limit: pageSize, ...(next && { continue: next }), keep };
    const list = await view.call('list nodes', (signal) => view.api.list<NodePlace>(kind as never, query, signal));
    places.push(...list.items);
    next = list.metadata?.continue;
    if (!next) return places;
  }
}

function placeOf(node: V1Node, now: number): NodePlace {
  const { metadata, status } = node;
  const addresses = (status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address);
  const ageMs = now - Date.parse(String(metadata?.creationTimestamp));
  const unfit = addresses.length === 0 ? 'has no address' : unfitness(node);
  return { name: metadata?.name ?? '', addresses, ageMs, ...(unfit && { unfit }) };
}

/** Undefined: it is as it should be. */
function unfitness({ metadata, spec, status }: V1Node): string | undefined {
  if (metadata?.deletionTimestamp) return 'is being removed';
  if (status?.conditions?.find(({ type }) => type === 'Ready')?.status !== 'True') return 'is not Ready';
  if (spec?.unschedulable) return 'is cordoned';
  const drained = spec?.taints?.find(({ effect }) => effect === 'NoExecute');
  return drained && `is tainted (${drained.key}:NoExecute)`;
}

/** Another part of them each minute, so that all have their turn. */
export function chosen(fit: readonly NodePlace[], most = mostAsked): readonly NodePlace[] {
  const from = (Math.floor(Date.now() / 60_000) * most) % fit.length;
  return [...fit.slice(from), ...fit.slice(0, from)].slice(0, most);
}
