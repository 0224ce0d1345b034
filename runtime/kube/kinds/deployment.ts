import type { V1Deployment, V1ReplicaSet } from '@kubernetes/client-node';
import type { Resource } from '../../model/resource.ts';
import type { Served } from '../client/served.ts';
import type { DeploymentOptions } from './deployment-manifest.ts';
import { objectKind, toMake } from './kind.ts';
import { managed } from './managed.ts';
import { OwnedObject } from './owned-object.ts';
import { isPartial, podGrants, podsQuota, podsShown, selectorText, suspectLog } from './pod.ts';
import { TestDeployment } from './test-deployment.ts';
import { containerName, podPort, selectorOf } from './test-objects.ts';
import { deploymentView, replicaSetView } from './views.ts';

export const replicaSets: Served<V1ReplicaSet> = { apiVersion: 'apps/v1', kind: 'ReplicaSet', plural: 'replicasets' };

const owned = [...podGrants, { group: 'apps', resource: 'replicasets', verbs: ['list'] }];
const mostShown = 50;

const served: Served<V1Deployment> = { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments' };

export const deployments = objectKind<V1Deployment>()({
  ...served,
  grants: {
    makes: toMake('apps', 'deployments', ...owned),
    keeps: [{ group: 'apps', resource: 'deployments', verbs: ['create', 'patch', 'list', 'watch'] }, ...owned],
    besides: {
      scale: [{ group: 'apps', resource: 'deployments/scale', verbs: ['patch'] }],
      // Its pods are changed, so that their kubelets look at them.
      touch: [{ group: '', resource: 'pods', verbs: ['patch'] }],
    },
  },
  // Three generations of TEST_REPLICAS=3 pods: running, terminating, put back; and one of pods that are surplus for a moment.
  quota: {
    'count/deployments.apps': '10',
    'count/replicasets.apps': '12',
    ...podsQuota,
  },
  ports: [podPort],
  async evidence(view, ask) {
    const { namespace, objects } = view;
    const labelSelector = selectorText(selectorOf(objects));
    const named = { namespace, fieldSelector: `metadata.name=${objects.deployment}` };
    const theirs = { namespace, limit: mostShown, labelSelector };
    const [list, sets, shown] = await Promise.all([
      ask('list deployments', (signal) => view.api.list(served, named, signal)),
      ask('list replicasets', (signal) => view.api.list(replicaSets, theirs, signal)),
      podsShown(view, ask, labelSelector, Math.max(mostShown, 3 * objects.replicas)),
    ]);
    const deployment = list?.items.find(({ metadata }) => metadata?.name === objects.deployment);
    const partial = [...(shown.partial ?? []), ...(isPartial(sets) ? ['list replicasets'] : [])];
    return {
      ...shown,
      ...(deployment && { deployment: deploymentView(deployment) }),
      replicaSets: (sets?.items ?? []).map(replicaSetView),
      ...(partial.length > 0 && { partial }),
    };
  },
  lastEvidence: (view, ask, seen) => suspectLog(view, ask, seen, containerName),
});

/**
 * The test deployment; named TEST_DEPLOYMENT, with pods that anti-affinity keeps apart and that serve the page of its ConfigMap, which must be
 * there.
 */
function make(options: DeploymentOptions = {}): Resource<TestDeployment> {
  return managed((view) => {
    const object = new OwnedObject<V1Deployment>(view, deployments, view.objects.deployment);
    return {
      object,
      create: async () => {
        const created = new TestDeployment(view, object, options, view.scope.id);
        await created.create();
        return created;
      },
      ensure: async () => {
        const ensured = new TestDeployment(view, object, options, undefined);
        await ensured.ensure();
        return ensured;
      },
    };
  });
}

export const deployment = Object.assign(make, { kind: deployments });
