/** Named conditions over pods, in the words that the page shows while a step waits. Pure. */
import type { FindingCode } from '../../findings.ts';
import type { ContainerView, PodView } from '../../model/evidence.ts';
import type { Look } from '../client/watched.ts';

const hopeless = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'CrashLoopBackOff',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

/**
 * A pod being deleted never counts, nor does one that has ended: a kubelet that evicts or refuses a pod leaves it there as
 * Failed, its replica set makes another in its place and never touches it again.
 */
export function standing(pods: readonly PodView[]): readonly PodView[] {
  return pods.filter((pod) => !pod.deletedAt && !hasEnded(pod));
}

/** Those that a deletion must make go: what has ended by itself stays until the garbage collection of pods. */
export function remaining(pods: readonly PodView[]): readonly PodView[] {
  return pods.filter((pod) => pod.deletedAt || !hasEnded(pod));
}

export function hasEnded({ phase }: PodView): boolean {
  return phase === 'Failed' || phase === 'Succeeded';
}

export function isScheduled(pod: PodView): boolean {
  return hasCondition(pod, 'PodScheduled');
}

/** The pod's Ready condition, never its phase. */
export function isReady(pod: PodView): boolean {
  return hasCondition(pod, 'Ready');
}

/** Exactly `wanted` standing pods, all of which `holds`. */
export function all(wanted: number, word: string, holds: (pod: PodView) => boolean) {
  return (pods: readonly PodView[]): Look<readonly PodView[]> => {
    const alive = standing(pods);
    const good = alive.filter(holds);
    if (alive.length === wanted && good.length === wanted) return { done: true, value: alive };
    const trouble = alive.filter((pod) => !holds(pod)).map((pod) => describe(pod));
    const extra = alive.length > wanted ? [`${alive.length} pods for ${wanted} replicas`] : [];
    return { done: false, why: [`${good.length} of ${wanted} pods ${word}`, ...extra, ...trouble].join('; ') };
  };
}

export function none(word: string) {
  return (pods: readonly PodView[]): Look<void> =>
    pods.length === 0
      ? { done: true, value: undefined }
      : {
          done: false,
          why: [
            `${pods.length} ${pods.length === 1 ? 'pod' : 'pods'} ${word}`,
            ...pods.map((pod) => describe(pod)),
          ].join('; '),
        };
}

/** What keeps a pod, in one phrase: "web-abc on node2: scheduled 41 s ago, no container status". */
export function describe(pod: PodView, now: Date = new Date()): string {
  const where = pod.node ? ` on ${pod.node}` : '';
  return `${pod.name}${where}: ${troubleOf(pod, (instant) => age(instant, now))}`;
}

/** The standing pods that are not Ready, each in one phrase. */
export function troubles(pods: readonly PodView[]): readonly string[] {
  return standing(pods)
    .filter((pod) => !isReady(pod))
    .map((pod) => describe(pod));
}

function troubleOf(pod: PodView, ago: (instant: string | undefined) => string): string {
  if (pod.deletedAt) return `deletion asked for${ago(deletionAsked(pod))}, still there`;
  const scheduled = pod.conditions.find((condition) => condition.type === 'PodScheduled');
  if (!pod.node) {
    if (scheduled?.message) return `not scheduled: ${scheduled.message}`;
    return `not scheduled: made${ago(pod.createdAt)}, no scheduler has looked at it`;
  }
  if (pod.containers.length === 0) return `scheduled${ago(scheduled?.since)}, no container status`;
  // What comes before the containers is what they wait for.
  const before = (pod.init ?? []).find(({ state, exitCode }) => state !== 'terminated' || exitCode !== 0);
  if (before) return `init container ${before.name}: ${stateOf(before)}`;
  const stuck = pod.containers.find((container) => container.state !== 'running');
  if (stuck) return pod.containers.length > 1 ? `container ${stuck.name}: ${stateOf(stuck)}` : stateOf(stuck);
  const ready = pod.conditions.find((condition) => condition.type === 'Ready');
  if (ready?.status === 'True') return 'Ready';
  return `running but not Ready${ready?.message ? `: ${ready.message}` : ''}`;
}

function stateOf({ state, reason, message, last }: ContainerView): string {
  const before = last && `ended before with ${[last.reason, `exit code ${last.exitCode}`].filter(Boolean).join(', ')}`;
  return [[reason ?? state, message].filter(Boolean).join(': '), before].filter(Boolean).join('; ');
}

/** The deletion timestamp is the end of the grace period. */
function deletionAsked(pod: PodView): string | undefined {
  const ends = Date.parse(pod.deletedAt ?? '');
  return Number.isNaN(ends) ? undefined : new Date(ends - (pod.graceSeconds ?? 0) * 1000).toISOString();
}

/** " 41 s ago"; '' where the instant is not known. */
function age(instant: string | undefined, now: Date): string {
  const since = Date.parse(instant ?? '');
  return Number.isNaN(since) ? '' : ` ${Math.max(0, Math.round((now.getTime() - since) / 1000))} s ago`;
}

/** The most telling code for pods that did not come up: a pod that cannot run says more than a time-out. */
export function codeOf(pods: readonly PodView[], otherwise: FindingCode): FindingCode {
  const cannotRun = (pod: PodView) =>
    pod.phase === 'Failed' ||
    [...(pod.init ?? []), ...pod.containers].some(
      (container) => hopeless.has(container.reason ?? '') || (container.restarts > 2 && !container.ready),
    );
  return pods.some((pod) => !pod.deletedAt && cannotRun(pod)) ? 'k8s.pod_failed' : otherwise;
}

function hasCondition(pod: PodView, type: string): boolean {
  return pod.conditions.some((condition) => condition.type === type && condition.status === 'True');
}
