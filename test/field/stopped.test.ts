/** A run that is stopped while something of its own is being made leaves nothing behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Front, openFront } from '../front.ts';

const answerAfterMs = 400;

/** What is made is there at once, and its answer comes later; `made` is called in between. */
function slowly(front: Front, what: RegExp, made: () => void): void {
  front.hooks = {
    async answer({ method, url, body }) {
      if (method !== 'POST' || !what.test(url)) return undefined;
      const answered = await front.direct(method, url, body);
      made();
      await new Promise((resolve) => setTimeout(resolve, answerAfterMs));
      return answered;
    },
  };
}

for (const what of [/\/leases/, /\/configmaps/, /\/deployments/]) {
  test(`stopped while the answer to its ${what.source.slice(2)} is on the way`, async (t) => {
    const front = await openFront(t);
    const drive = await front.drive({ eventTimeoutSeconds: 8 });
    const namespace = drive.namespaceOf('deployment');
    await front.direct('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace },
    });
    const closed = Promise.withResolvers<void>();
    slowly(front, what, () => closed.resolve(drive.runner.close()));
    const result = await drive.runOne(drive.suite('deployment'));
    await closed.promise;
    assert.equal(result.status, 'errored');
    for (const path of [
      `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`,
      `/apis/apps/v1/namespaces/${namespace}/deployments`,
      `/api/v1/namespaces/${namespace}/configmaps?labelSelector=app.kubernetes.io/managed-by=kube-e2etests`,
    ])
      assert.deepEqual((await front.direct('GET', path)).body.items, [], path);
  });
}
