import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createIdentity } from '../../runtime/kube/client/identity.ts';

/** What GET /version answers, one after the other. */
function identityOf(answers: readonly unknown[], server = 'https://10.0.0.1:6443/') {
  let asked = 0;
  const api = {
    version: async () => {
      const answer = answers[asked++];
      if (answer instanceof Error) throw answer;
      return answer as { gitVersion?: unknown };
    },
  };
  const identity = createIdentity({ name: 'prod', server, api });
  return { identity, asked: () => asked };
}

test('the version is asked for once', async () => {
  const { identity, asked } = identityOf([{ gitVersion: 'v1.34.1+k3s1' }]);
  assert.equal(identity.now.version, 'unknown');
  await Promise.all([identity.refresh(), identity.refresh()]);
  await identity.refresh();
  assert.deepEqual(identity.now, { name: 'prod', server: 'https://10.0.0.1:6443', version: 'v1.34.1+k3s1' });
  assert.equal(asked(), 1);
});

test('a cluster that does not say its version, or says what is none, has an unknown one, and nothing fails', async () => {
  for (const answer of [new Error('down'), {}, undefined, { gitVersion: '<html>' }, { gitVersion: 1 }]) {
    const { identity } = identityOf([answer]);
    await identity.refresh();
    assert.equal(identity.now.version, 'unknown');
  }
});

test('the address of the API server is shown without a login', () => {
  assert.equal(
    identityOf([], 'https://me:s3cret@host/k8s/clusters/c-1?token=x').identity.now.server,
    'https://host/k8s/clusters/c-1',
  );
  assert.equal(identityOf([], '').identity.now.server, 'unknown');
});
