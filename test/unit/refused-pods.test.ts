import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterView } from '../../runtime/kube/kinds/cluster-view.ts';
import { refusedPods } from '../../runtime/kube/kinds/refused-pods.ts';

const events = [
  {
    involvedObject: { name: 'web-job', uid: 'the-one-before' },
    reason: 'FailedCreate',
    message:
      'Error creating: pods "web-job-" is forbidden: exceeded quota: used-up, requested: pods=1, used: pods=3, limited: pods=3',
  },
];

/** Lists events as an API server does by its field selectors. */
const view = {
  namespace: 'e2e-job',
  call: (_: string, attempt: (signal: AbortSignal) => unknown) => attempt(new AbortController().signal),
  api: {
    async list(_: object, { fieldSelector = '' }: { fieldSelector?: string }) {
      const wanted = fieldSelector.split(',').map((part) => part.split('=') as [string, string]);
      const read = (event: (typeof events)[number], path: string) =>
        path.split('.').reduce((value: unknown, key) => (value as Record<string, unknown>)[key], event);
      return { items: events.filter((event) => wanted.every(([path, value]) => read(event, path) === value)) };
    },
  },
} as unknown as ClusterView;

test('what the controller says of this very object is its refusal', async () => {
  const refused = await refusedPods(view, 'job/web-job', 'the-one-before');
  assert.deepEqual([refused?.finding.code, refused?.finding.blame], ['k8s.replica_failure', 'us']);
});

test('what it said of an earlier one of the same name says nothing', async () => {
  assert.equal(await refusedPods(view, 'job/web-job', 'this-one'), undefined);
});
