import type { Component, Diagnosis, Headline } from '../model/diagnosis.ts';
import type { RunResult } from '../model/result.ts';

/** Among equals the one nearest to the root is named: what the others need to work. */
const rootsFirst: readonly Component[] = [
  'api-server',
  'controller-manager',
  'scheduler',
  'node-network',
  'kubelet',
  'kube-proxy',
  'dns',
  'ingress-controller',
  'admission',
  'quota',
  'rbac',
  'registry',
  'storage',
  'capacity',
  'workload',
  'setup',
  'knative',
  'unknown',
];
const confidences: readonly Diagnosis['confidence'][] = ['certain', 'likely', 'possible'];
/** Components whose part is a node: another node is another trouble. */
const ofNodes = new Set<Component>(['kubelet', 'node-network']);

interface Diagnosed {
  readonly suite: string;
  readonly at: string;
  readonly until: string;
  readonly diagnosis: Diagnosis;
  /** Its objects were removed: a command that names one of them finds nothing. */
  readonly isCleared: boolean;
}

interface Candidate {
  readonly component: Component;
  readonly part?: string;
  /** The suites whose diagnosis it is, then those whose diagnosis follows from it. */
  readonly own: readonly Diagnosed[];
  readonly suites: readonly string[];
}

/**
 * The one component that explains most of what is red; undefined when nothing red has a diagnosis. `latest` is the
 * newest run of every suite, `previous` the headline that stands: it stays unless another explains more suites, and
 * keeps its `since`. A run that began while the old trouble was met starts no new headline. Pure.
 */
export function headlineOf(latest: readonly RunResult[], previous?: Headline): Headline | undefined {
  const red = latest.filter(({ status }) => status === 'failed' || status === 'errored');
  const diagnosed = red.flatMap(({ suite, startedAt, finishedAt, diagnosis, steps }) => {
    const isCleared = steps.some(({ kind }) => kind === 'cleanup');
    return diagnosis ? [{ suite, at: startedAt, until: finishedAt, diagnosis, isCleared }] : [];
  });
  const [best] = candidates(diagnosed).sort(better(previous));
  if (!best) return undefined;
  if (
    previous &&
    !diagnosed.some(({ diagnosis }) => isSameTrouble(previous, diagnosis)) &&
    red.every((run) => overlaps(run, previous))
  ) {
    const unexplained = red.map(({ suite }) => suite).filter((suite) => !previous.suites.includes(suite));
    return { ...previous, unexplained: unexplained.sort(order) };
  }
  const [witness] = [...best.own].sort(
    (a, b) =>
      rank(a.diagnosis) - rank(b.diagnosis) || Number(a.isCleared) - Number(b.isCleared) || order(a.suite, b.suite),
  );
  const since = best.own.map(({ at }) => at).sort(order)[0]!;
  const { part: _, ...said } = witness!.diagnosis;
  return {
    ...said,
    ...(best.part && { part: best.part }),
    evidence: best.own.map(({ suite, diagnosis }) => `${suite}: ${diagnosis.sentence}`),
    confirmedAt: best.own
      .map(({ until }) => until)
      .sort(order)
      .at(-1),
    since: previous && isSameTrouble(previous, best) ? previous.since : since,
    suites: [...best.suites].sort(order),
    unexplained: red
      .map(({ suite }) => suite)
      .filter((suite) => !best.suites.includes(suite))
      .sort(order),
  };
}

/** It began while the old trouble was still met: what it met may be the end of that, and not a new one. */
function overlaps({ startedAt }: RunResult, { confirmedAt = '' }: Headline): boolean {
  return startedAt < confirmedAt;
}

/** One headline goes on as the other: the same component, and the same node where it has one. */
export function isSameTrouble(
  left: Pick<Headline, 'component' | 'part'>,
  right: Pick<Headline, 'component' | 'part'>,
): boolean {
  return left.component === right.component && (left.part === right.part || !ofNodes.has(left.component));
}

function candidates(diagnosed: readonly Diagnosed[]): Candidate[] {
  const nodesOf = ({ diagnosis }: Diagnosed) => (ofNodes.has(diagnosis.component) ? (diagnosis.part ?? '') : '');
  const groups = Map.groupBy(diagnosed, (one) => `${one.diagnosis.component} ${nodesOf(one)}`);
  return [...groups.values()].map((own) => {
    const { component } = own[0]!.diagnosis;
    const parts = new Set(own.map(({ diagnosis }) => diagnosis.part));
    // Several controllers at once are the controller manager itself.
    const part = parts.size === 1 ? own[0]!.diagnosis.part : undefined;
    const follow = diagnosed.filter((one) => !own.includes(one) && follows(one.diagnosis, { component, part }));
    return { component, ...(part && { part }), own, suites: [...own, ...follow].map(({ suite }) => suite) };
  });
}

/** What another component does not do because this one is broken. */
function follows(effect: Diagnosis, cause: Pick<Candidate, 'component' | 'part'>): boolean {
  if (cause.component === 'node-network') return effect.component === 'kubelet' && effect.part === cause.part;
  // A name server is asked at a service address.
  if (cause.component === 'kube-proxy') return effect.component === 'dns' && effect.confidence !== 'certain';
  return false;
}

function better(previous: Headline | undefined): (a: Candidate, b: Candidate) => number {
  const stands = (one: Candidate) => (previous && isSameTrouble(previous, one) ? 0 : 1);
  const unknown = ({ component }: Candidate) => (component === 'unknown' ? 1 : 0);
  const surest = ({ own }: Candidate) => Math.min(...own.map(({ diagnosis }) => rank(diagnosis)));
  return (a, b) =>
    unknown(a) - unknown(b) ||
    b.suites.length - a.suites.length ||
    stands(a) - stands(b) ||
    surest(a) - surest(b) ||
    rootsFirst.indexOf(a.component) - rootsFirst.indexOf(b.component) ||
    order(a.part ?? '', b.part ?? '');
}

function rank({ confidence }: Diagnosis): number {
  return confidences.indexOf(confidence);
}

function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
