import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf } from '../../runtime/defects.ts';
import { Calls } from '../../runtime/kube/client/calls.ts';
import { ApiError } from '../../runtime/kube/client/errors.ts';

const running = new AbortController().signal;

function refusal(code: number, message = 'no', headers: Record<string, string> = {}): ApiError {
  return new ApiError(code, JSON.stringify({ kind: 'Status', message, reason: 'Because' }), headers);
}

/** Throws the errors one after another, then answers. */
function attempts(...errors: readonly unknown[]) {
  let made = 0;
  const attempt = async () => {
    const error = errors[made++];
    if (error) throw error;
    return 'answer';
  };
  return { attempt, made: () => made };
}

/** Never answered: ends with its signal. */
function hung(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

const codeOf = (error: unknown) => findingsOf(error)[0]?.code;
const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => assert.fail('did not throw'),
    (error: unknown) => error,
  );

test('a 503 is asked again until it is answered', async () => {
  const calls = new Calls();
  const { attempt, made } = attempts(refusal(503), refusal(503));
  assert.equal(await calls.send('get', { signal: running, budgetMs: 5_000 }, attempt), 'answer');
  assert.equal(made(), 3);
  assert.deepEqual(calls.counts, { total: 3, watches: 0, retries: 2 });
});

test('a 429 is asked again when it says so, not before', async () => {
  const began = performance.now();
  const { attempt } = attempts(refusal(429, 'slow down', { 'retry-after': '1' }));
  await new Calls().send('get', { signal: running, budgetMs: 5_000 }, attempt);
  assert.ok(performance.now() - began >= 990);
});

test('a 429 that asks for more time than there is is asked again until the time is over', async () => {
  const patient = attempts(refusal(429, 'slow down', { 'retry-after': '30' }));
  assert.equal(await new Calls().send('get', { signal: running, budgetMs: 2_000 }, patient.attempt), 'answer');
  const throttled = attempts(...Array.from({ length: 50 }, () => refusal(429, 'slow down', { 'retry-after': '30' })));
  const error = await caught(new Calls().send('get', { signal: running, budgetMs: 500 }, throttled.attempt));
  assert.equal(codeOf(error), 'api.too_many_requests');
  assert.ok(throttled.made() > 1);
});

test('a request that is lost is sent again within its time, and once more', async () => {
  let made = 0;
  const attempt = (signal: AbortSignal): Promise<string> => {
    made++;
    if (made > 2) return Promise.resolve('answer');
    return hung(signal);
  };
  assert.equal(await new Calls().send('get', { signal: running, budgetMs: 1_600 }, attempt), 'answer');
  assert.equal(made, 3);
});

test('a quota that others write at the same time is asked again; an object of ours that others write is not', async () => {
  const conflict = (what: string) =>
    refusal(409, `Operation cannot be fulfilled on ${what}: the object has been modified; please apply your changes`);
  const contended = attempts(
    conflict('resourcequotas "compute"'),
    conflict('clusterresourcequotas.quota.openshift.io "x"'),
  );
  const limits = { signal: running, budgetMs: 5_000 };
  assert.equal(await new Calls().send('create pods', limits, contended.attempt), 'answer');
  const ours = attempts(conflict('leases.coordination.k8s.io "resourcequotas"'));
  assert.equal(codeOf(await caught(new Calls().send('update', limits, ours.attempt))), 'api.conflict');
  assert.equal(ours.made(), 1);
});

test('a 403 is not asked again, and is ours', async () => {
  const { attempt, made } = attempts(refusal(403, 'pods is forbidden'));
  const error = await caught(new Calls().send('list pods', { signal: running, budgetMs: 5_000 }, attempt));
  assert.equal(made(), 1);
  assert.deepEqual(
    findingsOf(error).map(({ code, blame, message }) => ({ code, blame, message })),
    [{ code: 'api.forbidden', blame: 'us', message: 'list pods: 403 pods is forbidden' }],
  );
});

test('a 401 says what to do, though the client library hands over no body', async () => {
  const { attempt } = attempts(new ApiError(401));
  const error = await caught(new Calls().send('list pods', { signal: running, budgetMs: 5_000 }, attempt));
  assert.equal(codeOf(error), 'api.unauthorized');
  assert.equal(
    (error as Error).message,
    'list pods: 401 Unauthorized: the credentials are not accepted; renew the token or certificate',
  );
});

test('a conflict is not asked again', async () => {
  const { attempt, made } = attempts(refusal(409));
  assert.equal(
    codeOf(await caught(new Calls().send('put', { signal: running, budgetMs: 5_000 }, attempt))),
    'api.conflict',
  );
  assert.equal(made(), 1);
});

test('no connection until the budget is over is api.max_retries_exceeded, the fault of the cluster', async () => {
  const refused = new TypeError('fetch failed', {
    cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
  });
  const attempt = () => Promise.reject(refused);
  const calls = new Calls();
  const error = await caught(calls.send('get pods', { signal: running, budgetMs: 400 }, attempt));
  const [finding] = findingsOf(error);
  assert.equal(finding?.code, 'api.max_retries_exceeded');
  assert.equal(finding?.blame, 'cluster');
  assert.match(finding?.message ?? '', /^get pods: no answer from the API server for \d\.\d s: ECONNREFUSED/);
  assert.ok(calls.counts.retries >= 1);
  assert.ok(calls.failures.every(({ status }) => status === 'no answer'));
});

test('a request that hangs ends with the budget', async () => {
  const error = await caught(new Calls().send('get', { signal: running, budgetMs: 50 }, hung));
  assert.equal(codeOf(error), 'api.max_retries_exceeded');
});

test('an expected refusal is handed over, neither counted as failed nor asked again', async () => {
  const calls = new Calls();
  const limits = { signal: running, budgetMs: 5_000, onFailure: () => 'not there' };
  assert.equal(await calls.send('get', limits, attempts(refusal(404)).attempt), 'not there');
  assert.deepEqual(calls.failures, []);
});

test("a refusal that is no JSON is named by its status: neither its body nor the client library's message is shown", async () => {
  const html = new ApiError(502, '<html>Bad Gateway</html>', { authorization: 'Bearer secret' });
  const error = await caught(new Calls().send('get', { signal: running, budgetMs: 50 }, attempts(html).attempt));
  assert.equal(codeOf(error), 'api.bad_gateway');
  assert.equal((error as Error).message, 'get: 502 Bad Gateway');
});

test("the run's end ends a request and its pauses", async () => {
  const end = new AbortController();
  const sent = new Calls().send('get', { signal: end.signal, budgetMs: 60_000 }, () => Promise.reject(refusal(503)));
  end.abort(new Error('the run is over'));
  await assert.rejects(sent);
});

test('at most twenty failures are kept, the newest', async () => {
  const calls = new Calls();
  for (let n = 1; n <= 25; n++) calls.noteFailure(`get ${n}`, { message: 'no', causes: [] });
  assert.equal(calls.failures.length, 20);
  assert.equal(calls.failures.at(-1)?.request, 'get 25');
});

test('an API server that has not read its roles yet is asked again', async () => {
  const { attempt, made } = attempts(refusal(403, 'pods is forbidden: not yet ready to handle request'));
  await new Calls().send('list pods', { signal: running, budgetMs: 5_000 }, attempt);
  assert.equal(made(), 2);
});

test('a bug of ours is no silence of the API server', async () => {
  const bug = new TypeError("Cannot read properties of undefined (reading 'items')");
  const error = await caught(new Calls().send('get', { signal: running, budgetMs: 5_000 }, attempts(bug).attempt));
  assert.equal(codeOf(error), 'run.defect');
});
