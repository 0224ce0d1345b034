import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Defect } from '../../runtime/defects.ts';
import { Calls } from '../../runtime/kube/client/calls.ts';
import { loadCredentials } from '../../runtime/kube/client/credentials.ts';
import { createObjectClient } from '../../runtime/kube/client/objects.ts';
import { createTransport } from '../../runtime/kube/client/transport.ts';
import { pods } from '../../runtime/kube/kinds/pod.ts';
import { answer, playApiServer } from '../api-server.ts';

/** A client of a kubeconfig for the played server, with the user given and no more than that. */
async function aClient(t: TestContext, user: object) {
  const played = await playApiServer(t, (_, response) =>
    answer(response, 200, { kind: 'PodList', apiVersion: 'v1', items: [], metadata: { resourceVersion: '1' } }),
  );
  const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
  const path = join(folder, 'kubeconfig');
  writeFileSync(
    path,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'here',
      clusters: [{ name: 'plain', cluster: { server: played.config.getCurrentCluster()?.server } }],
      users: [{ name: 'somebody', user }],
      contexts: [{ name: 'here', context: { cluster: 'plain', user: 'somebody' } }],
    }),
  );
  const config = loadCredentials({ kind: 'kubeconfig', path });
  t.after(async () => {
    await config.close();
    rmSync(folder, { recursive: true });
  });
  const api = createObjectClient(createTransport(config));
  const limits = { signal: new AbortController().signal, budgetMs: 5_000 };
  const list = () => new Calls().send('list pods', limits, (signal) => api.list(pods, { namespace: 'tests' }, signal));
  return { list, requests: played.requests };
}

test('a server without TLS is asked as it is, as kubectl does it', async (t) => {
  const { list, requests } = await aClient(t, { token: 'secret' });
  assert.deepEqual((await list()).items, []);
  assert.equal(requests.length, 1);
});

test('credentials that cannot be had are our trouble, at once, and nothing is sent', async (t) => {
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: '/nowhere/login', interactiveMode: 'Never' };
  const { list, requests } = await aClient(t, { exec });
  const error = await list().then(
    () => assert.fail('it was sent'),
    (error: unknown) => error,
  );
  assert.ok(error instanceof Defect, String(error));
  assert.equal(error.finding.code, 'k8s.prerequisite_missing');
  assert.equal(error.finding.blame, 'us');
  assert.match(error.message, /credentials of user somebody .*(ENOENT|nowhere)/);
  assert.equal(requests.length, 0);
});

test('an exec plugin that hangs is asked once, ended, and our trouble', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'plugin-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const pids = join(folder, 'pids');
  const script = `require('node:fs').appendFileSync(process.argv[1], process.pid + '\\n'); setInterval(() => {}, 1000)`;
  const { list, requests } = await aClient(t, {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', script, pids],
      interactiveMode: 'Never',
    },
  });
  const outcomes = await Promise.allSettled([list(), list(), list()]);
  for (const outcome of outcomes) {
    assert.equal(outcome.status, 'rejected');
    assert.match(String(outcome.reason.message), /credentials of user somebody .*none came within 10 s/);
    assert.equal(outcome.reason.finding.blame, 'us');
  }
  assert.equal(requests.length, 0);
  const [pid, ...others] = readFileSync(pids, 'utf8').trim().split('\n').map(Number);
  assert.deepEqual(others, []);
  while (isAlive(pid as number)) await pause(10);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a kubeconfig that cannot be read is not quoted: it holds secrets', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'kubeconfig');
  writeFileSync(path, 'users:\n- name: a\n  user:\n    token: s3cret\n   bad: indentation\n');
  assert.throws(
    () => loadCredentials({ kind: 'kubeconfig', path }),
    ({ message }: Error) => message.startsWith(`Cannot read KUBECONFIG ${path}: `) && !message.includes('s3cret'),
  );
});
