/** The status a kubelet writes. */
import type { Condition, ContainerState, ContainerStatus, Pod } from '../store/objects.ts';
import { setCondition } from './conditions.ts';
import { findImage } from './images.ts';

export interface ContainerFacts {
  readonly state: ContainerState;
  readonly lastState?: ContainerState;
  readonly ready: boolean;
  readonly restarts?: number;
  readonly id?: string;
}

/** Brings a pod's status (a draft) in line with its containers. */
export function writeStatus(pod: Pod, facts: readonly ContainerFacts[], now: number): void {
  const { status, spec } = pod;
  const names = spec.containers.map((container) => container.name);
  const notReady = names.filter((_, index) => !facts[index]?.ready);
  const states = facts.map((fact) => fact.state);
  const final = pod.metadata.deletionTimestamp !== undefined || spec.restartPolicy === 'Never';
  if (final && states.every((state) => state.terminated)) {
    status.phase = states.every((state) => state.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
  } else if (
    states.some((state) => state.running || state.terminated) ||
    facts.some((fact) => (fact.restarts ?? 0) > 0)
  ) {
    status.phase = 'Running';
  } else {
    status.phase = 'Pending';
  }
  const unready: Partial<Condition> =
    status.phase === 'Succeeded'
      ? { reason: 'PodCompleted' }
      : { reason: 'ContainersNotReady', message: `containers with unready status: [${notReady.join(' ')}]` };
  const readiness = notReady.length === 0 ? { status: 'True' as const } : { status: 'False' as const, ...unready };
  const started = { type: 'PodReadyToStartContainers', status: facts.some(hasSandbox) ? 'True' : 'False' } as const;
  let conditions = setCondition(status.conditions, started, now, { probed: true });
  conditions = setCondition(conditions, { type: 'Initialized', status: 'True' }, now, { probed: true });
  conditions = setCondition(conditions, { type: 'Ready', ...readiness }, now, { probed: true });
  status.conditions = setCondition(conditions, { type: 'ContainersReady', ...readiness }, now, { probed: true });
  status.containerStatuses = spec.containers.map((container, index) => containerStatus(container, facts[index]!));
}

/** The pod's network stands: from before the first pull until the last container has ended. */
const hasSandbox = ({ state: { waiting, terminated } }: ContainerFacts): boolean =>
  !terminated && waiting?.reason !== 'ContainerCreating';

/** All containers wait for the same. */
export function waiting(pod: Pod, reason: string, message?: string): ContainerFacts[] {
  return pod.spec.containers.map(() => ({ state: { waiting: { reason, ...(message && { message }) } }, ready: false }));
}

function containerStatus(container: { name: string; image: string }, fact: ContainerFacts): ContainerStatus {
  const image = fact.id ? findImage(container.image) : undefined;
  return {
    name: container.name,
    state: fact.state,
    lastState: fact.lastState ?? {},
    ready: fact.ready,
    restartCount: fact.restarts ?? 0,
    image: image?.reference ?? container.image,
    imageID: image?.id ?? '',
    ...(fact.id && { containerID: fact.id }),
    started: fact.state.running !== undefined,
  };
}
