/**
 * Whether the cluster has a place for every test pod as people set it up: counted before pods are to be spread, and again when some find
 * none. Too few refuse nothing by themselves: an autoscaler adds nodes for pods that wait.
 */
import type { CoreV1Event, V1Node, V1Taint, V1Toleration } from '@kubernetes/client-node';
import { Defect } from '../../defects.ts';
import type { PodView } from '../../model/evidence.ts';
import type { ObjectList } from '../client/served.ts';
import type { ClusterView } from './cluster-view.ts';
import { events } from './core-event.ts';
import { nodes } from './node.ts';
import { nodeSelectorOf, type TestObjects } from './test-objects.ts';

/** Nodes are read in pages of that many: those of a large cluster are never held at once. */
const pageSize = 250;

/** Its keys speak of a node that is not as it should be: the cluster's, and no wish of people. */
const ofCondition =
  /^node\.kubernetes\.io\/|^node\.cloudprovider\.kubernetes\.io\/|not-?ready|uninitialized|unavailable/i;

/** The places for pods that may not share a value of the spread label, all nodes in good health. */
class Places {
  readonly #objects: TestObjects;
  readonly #zones = new Set<string>();
  readonly #taints = new Set<string>();
  #nodes = 0;
  #unlabelled = 0;
  #tainted = 0;
  #unselected = 0;

  constructor(objects: TestObjects) {
    this.#objects = objects;
  }

  /** A node without the label is a place of its own: nothing keeps pods from it but the resources. */
  get count(): number {
    return this.#zones.size + this.#unlabelled;
  }

  get suffice(): boolean {
    return this.count >= this.#objects.replicas;
  }

  add({ metadata, spec }: V1Node): void {
    const labels = metadata?.labels ?? {};
    this.#nodes++;
    if (!Object.entries(nodeSelectorOf(this.#objects)).every(([key, value]) => labels[key] === value)) {
      this.#unselected++;
      return;
    }
    const repelling = (spec?.taints ?? []).filter((taint) => repels(taint, this.#objects.tolerations ?? []));
    if (repelling.length > 0) {
      this.#tainted++;
      for (const { key, value, effect } of repelling) this.#taints.add(`${key}${value ? `=${value}` : ''}:${effect}`);
      return;
    }
    const zone = labels[this.#objects.antiAffinityKey];
    if (zone) this.#zones.add(zone);
    else this.#unlabelled++;
  }

  defect(title: string): Defect {
    const { replicas, antiAffinityKey } = this.#objects;
    const zones = this.#zones.size > 0 ? ` (${[...this.#zones].sort().slice(0, 10).join(', ')})` : '';
    const places = `${this.count} ${this.count === 1 ? 'place' : 'places'}${zones}`;
    const why = [
      this.#tainted > 0 &&
        `${this.#tainted} tainted (${[...this.#taints].sort().slice(0, 5).join(', ')}): set TEST_TOLERATIONS`,
      this.#unselected > 0 &&
        `${this.#unselected} without the labels ${said(nodeSelectorOf(this.#objects))}: look at TEST_NODE_SELECTOR`,
    ].filter(Boolean);
    const left = this.count > 0 ? `, or TEST_REPLICAS=${this.count}` : '';
    const open = this.#nodes - this.#tainted - this.#unselected;
    const isByNode = antiAffinityKey === 'kubernetes.io/hostname' || open < replicas;
    const spread = isByNode ? `add nodes${left}` : `set ANTI_AFFINITY_KEY=kubernetes.io/hostname${left}`;
    return new Defect(
      'k8s.prerequisite_missing',
      `${title}: ${replicas} pods may not share a value of ${antiAffinityKey}, and this cluster of ${this.#nodes} ${this.#nodes === 1 ? 'node' : 'nodes'} has ${places} for them${why.length > 0 ? `; ${why.join('; ')}` : ''}; ${spread}`,
    );
  }
}

/** What was counted; undefined: there is a place for each, or nobody may know. */
const counted = new WeakMap<ClusterView, Defect | undefined>();

/** The pods stand: there is a place for each. */
export function foundPlaces(session: ClusterView): void {
  counted.set(session, undefined);
}

/** Counts places by labels alone, in one LIST; without the right to list nodes nothing is counted. Too few are noted. */
export async function countPlaces(session: ClusterView, title: string): Promise<void> {
  if (counted.has(session)) return;
  const places = await placesByLabels(session);
  const tooFew = places && !places.suffice ? places.defect(title) : undefined;
  if (tooFew) session.scope.note(tooFew.message);
  counted.set(session, tooFew);
}

/** What pods that were placed against their spread come to where there were too few places; undefined: there was one for each. */
export function tooFewPlaces(session: ClusterView): Defect | undefined {
  return counted.get(session);
}

/** What a pod that no node takes comes to where people's taints leave too few places; undefined: there are enough, or nobody knows. */
export async function noPlaces(
  session: ClusterView,
  title: string,
  pods: readonly PodView[],
  replicas = session.objects.replicas,
): Promise<Defect | undefined> {
  const waiting = pods.filter(isUnschedulable);
  if (waiting.length === 0 || (await isScalingUp(session, waiting))) return undefined;
  const places = await placesByTaints(session, replicas).catch(() => undefined);
  return places && !places.suffice ? places.defect(title) : undefined;
}

const firstNodes = 500;

/** A list of thousands that does not come in time is no finding: what is asked next says whether the API server answers. */
function slow(error: unknown): undefined {
  if (error instanceof Defect && error.finding.code === 'api.max_retries_exceeded') return undefined;
  throw error;
}

async function placesByLabels(session: ClusterView): Promise<Places | undefined> {
  let places = new Places(session.objects);
  // None is kept: the counting is all that is wanted of them.
  const count = (node: V1Node) => places.add(node);
  const list = (limit?: number) =>
    session
      .call<ObjectList<V1Node> | undefined>(
        'list nodes',
        (signal) => {
          // An attempt that broke off has counted some.
          places = new Places(session.objects);
          return session.api.list(nodes, { limit, keep: count, metadataOnly: true }, signal);
        },
        () => undefined,
      )
      .catch(slow);
  // In a large cluster the first nodes are places enough, as a rule.
  const first = await list(firstNodes);
  if (!first || places.suffice || !first.metadata?.continue) return first && places;
  return (await list()) && places;
}

/** Page after page until there are enough: taints are in the spec, and whole nodes are large. Undefined where nobody tells, or not the whole. */
async function placesByTaints(session: ClusterView, replicas: number): Promise<Places | undefined> {
  const places = new Places({ ...session.objects, replicas });
  for (let next: string | undefined; ; ) {
    const from = next;
    const page = await session.call<ObjectList<V1Node> | undefined>(
      'list nodes',
      (signal) => session.api.list(nodes, { limit: pageSize, continue: from }, signal),
      () => undefined,
    );
    if (!page) return undefined;
    for (const node of page.items) places.add(node);
    next = page.metadata?.continue || undefined;
    if (places.suffice || !next) return places;
    // A token that comes again leads nowhere.
    if (next === from) return undefined;
  }
}

/** An autoscaler has taken it on: that its node does not come is no matter of settings. */
async function isScalingUp(session: ClusterView, pods: readonly PodView[]): Promise<boolean> {
  const { namespace, api } = session;
  const request = { namespace, fieldSelector: 'reason=TriggeredScaleUp', limit: pageSize };
  const list = await session
    .call<ObjectList<CoreV1Event> | undefined>(
      'list events of scale-ups',
      (signal) => api.list(events, request, signal),
      () => undefined,
    )
    .catch(() => undefined);
  const names = new Set(pods.map(({ name }) => name));
  return (list?.items ?? []).some(
    ({ reason, involvedObject }) => reason === 'TriggeredScaleUp' && names.has(involvedObject?.name ?? ''),
  );
}

function isUnschedulable({ node, deletedAt, conditions }: PodView): boolean {
  const isRefused = conditions.some(
    ({ type, status, reason }) => type === 'PodScheduled' && status === 'False' && reason === 'Unschedulable',
  );
  return !node && !deletedAt && isRefused;
}

/** One of people's: what Kubernetes itself says of a node is the cluster's. */
function repels(taint: V1Taint, tolerations: readonly V1Toleration[]): boolean {
  return !ofCondition.test(taint.key) && !isTolerated(taint, tolerations);
}

/** Source: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration. */
export function isTolerated(taint: V1Taint, tolerations: readonly V1Toleration[]): boolean {
  if (taint.effect === 'PreferNoSchedule') return true;
  return tolerations.some(
    ({ key, operator, value, effect }) =>
      (!effect || effect === taint.effect) &&
      (!key || key === taint.key) &&
      (operator === 'Exists' || (value ?? '') === (taint.value ?? '')),
  );
}

function said(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}
