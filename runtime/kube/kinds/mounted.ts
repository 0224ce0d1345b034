/** Content that changes in the volumes of pods that run on. */
import { Defect, throwFindings } from '../../defects.ts';
import type { PodView } from '../../model/evidence.ts';
import type { Unanswered } from '../../model/probing.ts';
import type { Findable } from '../../model/resource.ts';
import { type ApiFailure, defectOf } from '../client/errors.ts';
import { deployments } from './deployment.ts';
import { viewOf } from './managed.ts';
import { seconds } from './object-words.ts';
import { pods as podKind, selectorText } from './pod.ts';
import { describe } from './pod-conditions.ts';
import { selectorOf } from './test-objects.ts';
import { podView } from './views.ts';

const touched = 'kube-e2etests.io/touched';

export interface MountedHandle {
  /**
   * Annotates each pod, so that its kubelet looks at it, and at its volumes, at once. By itself it does so every 60 to 90 s, and what came too late
   * for this look comes with the next. Source: kubernetes.io, "Mounted ConfigMaps are updated automatically", and pkg/kubelet/pod_workers.go.
   */
  touch(): Promise<void>;
  /** Those that serve what was there before; times action `update` of the ConfigMap where there are none. Raises k8s.content_stale, http.*. */
  judge(wrong: readonly Unanswered[]): void;
  /** None of their containers was started anew; a LIST. Those that are gone say nothing. Raises k8s.pod_failed. */
  ranOn(): Promise<void>;
}

/** For `t.find`; of a suite that makes a deployment and says 'touch'. */
export function mounted(pods: readonly PodView[]): Findable<MountedHandle> {
  return {
    find(session) {
      const view = viewOf(session);
      const { namespace, api, objects, patience, scope } = view;
      const touch = ({ name }: PodView) => {
        const request = `annotate pod/${name}`;
        const change = { metadata: { annotations: { [touched]: scope.id } } };
        const onFailure = (failure: ApiFailure) => {
          // One that is gone was removed by somebody: whoever looks at the pods next says so.
          if (failure.status !== 404) throw defectOf(failure, request, 0);
        };
        return view.call<unknown>(
          request,
          (signal) => api.patch(podKind, { namespace, name }, change, signal),
          onFailure,
        );
      };
      return {
        touch: async () => {
          view.declared(deployments, 'touch');
          await Promise.all(pods.map(touch));
        },
        judge(wrong) {
          throwFindings(wrong.map(staleOr));
          scope.measure({ kind: 'action', resource: 'configmap', action: 'update', durationMs: patience.spentMs });
        },
        async ranOn() {
          const labelSelector = selectorText(selectorOf(objects, scope.id));
          const query = { namespace, labelSelector };
          const list = await view.call('list pods', (signal) => api.list(podKind, query, signal));
          const before = new Map(pods.map((pod) => [pod.uid, restartsOf(pod)]));
          const now = list.items.map(podView).filter((pod) => restartsOf(pod) > (before.get(pod.uid) ?? Infinity));
          throwFindings(now.map(restarted));
        },
      };
    },
  };
}

/** It served the right page before: another one now is that. */
function staleOr({ target: { object, node, path }, code, last, afterMs }: Unanswered): Defect {
  if (code !== 'http.wrong_response') return new Defect(code, last, { object });
  const what = path ? 'Secret' : 'ConfigMap';
  const message = `${object.kind}/${object.name} on ${node} still has the ${what} of before ${seconds(afterMs)} after its change`;
  return new Defect('k8s.content_stale', message, { object });
}

function restartsOf({ containers }: PodView): number {
  return containers.reduce((sum, { restarts }) => sum + restarts, 0);
}

function restarted(pod: PodView): Defect {
  const object = { kind: 'pod', name: pod.name };
  return new Defect('k8s.pod_failed', `A container was started anew while content changed: ${describe(pod)}`, {
    object,
  });
}
