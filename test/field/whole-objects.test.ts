/** What an object says anywhere in its status is read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, openFront, type Passing } from '../front.ts';

const image = 'mesh.example.net/init:2.9';

for (const [reason, component, said] of [
  ['CrashLoopBackOff', 'workload', /init container mesh-init of 3 pods/],
  ['ImagePullBackOff', 'registry', /mesh\.example\.net\/init:2\.9 cannot be pulled/],
] as const) {
  test(`an init container that somebody injects is named: ${reason}`, async (t) => {
    const front = await openFront(t, {
      object(object: Passing) {
        if (object.kind !== 'Pod' || !object.spec?.nodeName) return object;
        const status = { ready: false, restartCount: 3, imageID: '' };
        const since = object.metadata.creationTimestamp;
        const not = (type: string) => ({ type, status: 'False', lastTransitionTime: since });
        object.spec.initContainers = [{ name: 'mesh-init', image }];
        object.status = {
          phase: 'Pending',
          initContainerStatuses: [{ name: 'mesh-init', image, ...status, state: { waiting: { reason } } }],
          containerStatuses: [
            { name: 'nginx', image: 'nginx', ...status, state: { waiting: { reason: 'PodInitializing' } } },
          ],
          conditions: [
            { type: 'PodScheduled', status: 'True', lastTransitionTime: since },
            not('Initialized'),
            not('Ready'),
          ],
        };
        return object;
      },
    });
    const result = await front.run('deployment', { eventTimeoutSeconds: 4 });
    const [finding] = findingsIn(result);
    assert.deepEqual([result.status, finding?.code], ['failed', 'k8s.pod_failed']);
    assert.match(finding?.message ?? '', /init container mesh-init/);
    assert.equal(result.diagnosis?.component, component);
    assert.match(result.diagnosis?.sentence ?? '', said);
  });
}
