import type { CoreV1Event } from '@kubernetes/client-node';
import type { EventView, Evidence, ProbeView } from '../../model/evidence.ts';
import { kindsOf, needsNamespace } from '../../uses.ts';
import type { ClusterView } from '../kinds/cluster-view.ts';
import { events } from '../kinds/core-event.ts';
import type { Ask, ObjectKind } from '../kinds/kind.ts';
import { eventView } from '../kinds/views.ts';
import { firstNodes, nodesThatMatter, type SeenNodes } from './gather-nodes.ts';

const limitMs = 5_000;
/** Before the whole is over, so that a request without an answer is told as one. */
const answerMs = 4_500;
const most = 50;
/** Events of an hour of back-to-back runs are some 2,000. */
const mostEvents = 10_000;
/** What every healthy pod brings; a kept namespace is full of it. */
const noise = ['Scheduled', 'Created', 'Started'].map((reason) => `reason!=${reason}`).join(',');

/**
 * What the objects show now: at most six requests of one attempt each, at most 5 s. Side by side LISTs of nodes and events, and what the
 * run's own kinds ask; then the one that tells more, of the first kind that has something to ask. Where a list is longer than what is read
 * of it, what matters is asked for by name or, where that cannot be, the list is named as `partial`.
 */
export async function gatherEvidence(view: ClusterView, probes: readonly ProbeView[]): Promise<Evidence> {
  // Not the run's signal: evidence is gathered after a deadline too.
  const signal = AbortSignal.timeout(limitMs);
  const began = performance.now();
  const ask: Ask = async (request, attempt) => {
    const budgetMs = Math.max(1, answerMs - (performance.now() - began));
    try {
      return await view.calls.send(request, { signal, budgetMs, once: true }, attempt);
    } catch {
      return undefined;
    }
  };
  const kinds = kindsOf(view.scope.suite.uses) as readonly ObjectKind<never>[];
  const inNamespace = needsNamespace(view.scope.suite.uses);
  const [found, listed, ...shown] = await Promise.all([
    firstNodes(view, ask),
    inNamespace ? ask('list events', (own) => listEvents(view, own)) : undefined,
    ...kinds.map((kind) => kind.evidence?.(view, ask)),
  ]);
  const at = new Date().toISOString();
  const first = merged({ at, ...nothing, probes: [...probes] }, shown);
  const partial = [...(first.partial ?? []), ...(found.more ? ['list nodes'] : [])];
  const seen: Evidence = {
    ...first,
    nodes: await nodesOf(view, ask, found, first.pods),
    events: newest((listed?.items ?? []).filter(ofThese(first.pods)).map(eventView), namesIn(first, view)),
    ...(partial.length > 0 && { partial }),
  };
  return { ...seen, ...(await lastOf(kinds, view, ask, seen)), api: [...view.calls.failures] };
}

const nothing = { replicaSets: [], pods: [], nodes: [], events: [], logs: [], api: [] };

/** What the kinds have asked, in the order of their declaration: lists grow. */
function merged(evidence: Evidence, shown: readonly (Partial<Evidence> | undefined)[]): Evidence {
  const all: Record<string, unknown> = { ...evidence };
  for (const [key, value] of shown.flatMap((one) => Object.entries(one ?? {}))) {
    const before = all[key];
    all[key] = Array.isArray(value) && Array.isArray(before) ? [...before, ...value] : value;
  }
  return all as unknown as Evidence;
}

async function lastOf(kinds: readonly ObjectKind<never>[], view: ClusterView, ask: Ask, seen: Evidence) {
  for (const kind of kinds) {
    const last = await kind.lastEvidence?.(view, ask, seen);
    if (last) return last;
  }
  return undefined;
}

/** Every event of the namespace but the noise, each reduced as it comes in: a limit cuts by name, and what explains may come last. */
function listEvents({ namespace, api }: ClusterView, signal: AbortSignal) {
  let count = 0;
  const keep = ({ metadata, managedFields: _, ...rest }: CoreV1Event & { managedFields?: unknown }) =>
    ++count > mostEvents ? undefined : { ...rest, metadata: { name: metadata?.name } };
  return api.list(events, { namespace, fieldSelector: noise, keep }, signal);
}

/** Not what was said of an earlier pod of the same name: those of a StatefulSet come again and again. */
function ofThese(pods: Evidence['pods']) {
  const uids = new Map(pods.map(({ name, uid }) => [name, uid]));
  return ({ involvedObject: { kind, name = '', uid } }: CoreV1Event) =>
    kind !== 'Pod' || uid === undefined || (uids.get(name) ?? uid) === uid;
}

/** The objects at hand, by name. */
function namesIn({ pods, replicaSets, objects = [] }: Evidence, view: ClusterView): ReadonlySet<string> {
  const { deployment, service } = view.objects;
  return new Set([deployment, service, ...[...pods, ...replicaSets, ...objects].map(({ name }) => name)]);
}

/** Those about the objects at hand before others, the newest of them; in order of time, newest first. */
function newest(all: readonly EventView[], known: ReadonlySet<string>): readonly EventView[] {
  const rank = ({ object }: EventView) => (known.has(object.name) ? 0 : 1);
  const byTime = (a: EventView, b: EventView) => b.lastSeen.localeCompare(a.lastSeen);
  return all
    .toSorted((a, b) => rank(a) - rank(b) || byTime(a, b))
    .slice(0, most)
    .sort(byTime);
}

async function nodesOf(view: ClusterView, ask: Ask, { nodes, more }: SeenNodes, pods: Evidence['pods']) {
  const asked = more && needsNamespace(view.scope.suite.uses) ? await nodesThatMatter(view, ask, pods, nodes) : [];
  const own = new Set(pods.map(({ node }) => node));
  const others = nodes.filter(({ name }) => !own.has(name));
  return telling([...asked, ...nodes.filter(({ name }) => own.has(name)), ...others]);
}

/** At most 50: those that may explain something, and those of the pods, first. */
function telling(nodes: readonly Evidence['nodes'][number][]): Evidence['nodes'] {
  return nodes.toSorted((a, b) => Number(isSound(a)) - Number(isSound(b))).slice(0, most);
}

function isSound({ ready, unschedulable }: Evidence['nodes'][number]): boolean {
  return ready && !unschedulable;
}
