/** Images that are pulled, or not: in the words of the node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FrontHooks, findingsIn, openFront } from '../front.ts';

test('an image is pulled on every node, and a tag that there is not is refused: in 16 requests, and nothing is left', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive();
  for (const requests of [18, 16]) {
    const result = await drive.runOne(drive.suite('image_pull'));
    assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
    assert.match(JSON.stringify(result.steps), /pulled on 3 nodes, in 0\.0 s at most/);
    assert.ok(result.apiRequests.total <= requests, `${result.apiRequests.total} requests`);
  }
  const { body } = await front.direct('GET', `/apis/apps/v1/namespaces/${drive.namespaceOf('image_pull')}/daemonsets`);
  assert.deepEqual(body.items, []);
});

test('where nobody names a registry it is unsupported, and says what to set', async (t) => {
  const front = await openFront(t);
  const result = await front.run('image_pull', { env: { PULL_IMAGE: '' } });
  assert.equal(result.status, 'unsupported');
  assert.match(result.unmet?.reason ?? '', /set PULL_IMAGE to an image of the registry/);
  const other = await front.run('image_pull', { env: { PULL_IMAGE: '', DOCKER_REGISTRY_HOST: 'r.example.com' } });
  assert.equal(other.status, 'passed', findingsIn(other)[0]?.message);
});

test('a registry that does not answer is the fault of the cluster, on each of its nodes', async (t) => {
  const front = await openFront(t);
  front.sandbox.faults.set('image-pull-fails', true);
  const result = await front.run('image_pull');
  assert.deepEqual(
    findingsIn(result)
      .map(({ code, object }) => `${code} ${object?.name}`)
      .sort(),
    ['pull.unreachable node1', 'pull.unreachable node2', 'pull.unreachable node3'],
  );
  assert.deepEqual(
    [result.status, result.diagnosis?.component, result.diagnosis?.part],
    ['failed', 'registry', 'registry.example.com'],
  );
});

test('an image that the registry does not have is ours to mend', async (t) => {
  const front = await openFront(t);
  const result = await front.run('image_pull', { env: { PULL_IMAGE: 'r.example.com/nginx:none' } });
  assert.deepEqual([result.status, findingsIn(result)[0]?.code], ['errored', 'pull.not_found']);
  assert.equal(result.diagnosis?.component, 'setup');
  assert.match(result.diagnosis?.sentence ?? '', /PULL_IMAGE|DOCKER_REGISTRY_HOST/);
});

/** The node says something else. */
const saying = (words: string): FrontHooks => ({
  object(object) {
    for (const one of object.status?.containerStatuses ?? []) if (one.state?.waiting) one.state.waiting.message = words;
    return object;
  },
});

test('credentials that the registry does not take are ours to mend', async (t) => {
  const front = await openFront(t, saying('failed to authorize: 401 Unauthorized'));
  const result = await front.run('image_pull', { env: { PULL_IMAGE: 'r.example.com/nginx:none' } });
  assert.deepEqual([result.status, findingsIn(result)[0]?.code], ['errored', 'pull.unauthorized']);
  assert.match(result.diagnosis?.sentence ?? '', /IMAGE_PULL_SECRETS/);
});

test('a registry that throttles is the fault of the cluster', async (t) => {
  const front = await openFront(t, saying('unexpected status: 429 Too Many Requests'));
  const result = await front.run('image_pull', { env: { PULL_IMAGE: 'r.example.com/nginx:none' } });
  assert.deepEqual([result.status, findingsIn(result)[0]?.code], ['failed', 'pull.too_many_requests']);
});
