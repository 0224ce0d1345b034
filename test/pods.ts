/** Pods as the runtime sees them, for tests of what judges them. */
import type { ContainerView, DeploymentView, PodView } from '../runtime/model/evidence.ts';
import { midnight } from './results.ts';

export function aContainer(changes: Partial<ContainerView> = {}): ContainerView {
  const image = { image: 'docker.io/library/nginx:1.28-alpine', imageId: 'sha256:first' };
  return { name: 'nginx', ready: true, state: 'running', restarts: 0, ...image, ...changes };
}

/** Scheduled, running and Ready. */
export function aPod(name: string, changes: Partial<PodView> = {}): PodView {
  return {
    name,
    uid: `uid-${name}`,
    createdAt: midnight,
    image: 'nginx:1.28-alpine',
    node: 'node1',
    ip: '10.244.1.2',
    phase: 'Running',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: 'True' },
    ],
    containers: [aContainer()],
    ...changes,
  };
}

/** Rolled out with three pods. */
export function aDeployment(changes: Partial<DeploymentView> = {}): DeploymentView {
  const counts = { wanted: 3, replicas: 3, updated: 3, ready: 3, available: 3 };
  const base = { name: 'web', uid: 'uid-web', generation: 2, observedGeneration: 2, image: 'nginx:1.28-alpine' };
  return { ...base, ...counts, conditions: [], ...changes };
}
