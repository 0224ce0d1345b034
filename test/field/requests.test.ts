/** Requests that are lost, put off, or answered by somebody who is no API server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../command.ts';
import { findingsIn, openFront } from '../front.ts';

test('a request that is lost is sent again, and turns nothing red', async (t) => {
  let lost = 0;
  const front = await openFront(t, {
    answer: ({ method, url }) => (method === 'POST' && url.includes('/services') && lost++ === 0 ? 'hold' : undefined),
  });
  const result = await front.run('service', { eventTimeoutSeconds: 3 });
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
  assert.equal(lost, 2);
  assert.equal(result.apiRequests.retries, 1);
});

test('a 429 that asks for more time than there is does not end the wait', async (t) => {
  let throttled = 0;
  const front = await openFront(t, {
    answer: ({ method, url }) =>
      method === 'POST' && url.includes('/services') && throttled++ === 0
        ? {
            status: 429,
            headers: { 'retry-after': '32' },
            body: { kind: 'Status', code: 429, message: 'too many requests' },
          }
        : undefined,
  });
  const result = await front.run('service', { eventTimeoutSeconds: 3 });
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
});

for (const [what, page] of [
  [
    'a login page',
    { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<form>Sign in</form>' },
  ],
  ['JSON of another make', { status: 200, body: { error: 'sign in first' } }],
] as const) {
  test(`${what} in place of an object of Kubernetes is errored, and no deed of the cluster`, async (t) => {
    const front = await openFront(t, {
      answer: ({ method, url }) => (method === 'POST' && url.includes('/services') ? page : undefined),
    });
    const result = await front.run('service');
    const [finding] = findingsIn(result);
    assert.equal(result.status, 'errored');
    assert.equal(finding?.code, 'api.unexpected_status');
    assert.match(finding.message, /answers in place of the API server/);
    assert.equal(result.diagnosis?.component, 'setup');
  });
}

test('a server that nobody answers at is errored within 5 s, and named', async (t) => {
  const front = await openFront(t);
  const { KUBECONFIG: _, ...env } = front.env;
  front.hooks = { answer: () => 'hold' };
  const silent = await runCommand(['run', 'service', 'namespace', '--json'], {
    ...env,
    KUBECONFIG: front.kubeconfigPath,
  });
  assert.equal(silent.code, 2, silent.err);
  const results = JSON.parse(silent.out);
  assert.deepEqual(
    results.map(({ status }: { status: string }) => status),
    ['errored', 'errored'],
  );
  assert.match(silent.out, new RegExp(`cannot reach ${front.url}: no answer in time`));
  assert.ok(results[0].durationMs + results[1].durationMs < 4_500);
});

test('once it has answered, silence is the fault of the cluster', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive({ eventTimeoutSeconds: 2 });
  assert.equal((await drive.runOne(drive.suite('namespace'))).status, 'passed');
  front.hooks = { answer: () => 'cut' };
  const result = await drive.runOne(drive.suite('namespace'));
  assert.equal(result.status, 'failed');
  assert.equal(findingsIn(result)[0]?.code, 'api.max_retries_exceeded');
  assert.equal(result.diagnosis?.component, 'api-server');
});
