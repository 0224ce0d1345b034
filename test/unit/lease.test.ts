import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf, Held } from '../../runtime/defects.ts';
import { answer, refuse } from '../api-server.ts';
import { aLease, loseFirst, name, play, thrown, until } from '../leases.ts';

test('a free namespace costs one request, and one to give it back', async (t) => {
  const played = await play(t, undefined);
  const session = played.open('r1');
  assert.deepEqual(await session.lock(), { leftoversLikely: false });
  assert.match(played.lease?.spec?.holderIdentity ?? '', new RegExp(`/${process.pid}/r1$`));
  await session.close(true);
  assert.equal(played.lease, undefined);
  assert.deepEqual(played.lines(), ['POST …', `DELETE …/${name}`]);
});

test('a second run is told who holds the namespace and when to come again', async (t) => {
  const played = await play(t, undefined);
  const first = played.open('r1');
  await first.lock();
  const error = await thrown(played.open('r2').lock());
  assert.ok(error instanceof Held);
  assert.match(error.holder, /r1$/);
  assert.ok(error.retryAfterMs > 0 && error.retryAfterMs <= 30_000);
  await first.close(true);
});

test('a lease whose record stands still for its duration is taken, and says that there may be leftovers', async (t) => {
  const played = await play(t, aLease('dead/1/r0', 3_600_000, 1));
  const session = played.open('r1');
  assert.deepEqual(await session.lock(), { leftoversLikely: true });
  assert.match(played.lease?.spec?.holderIdentity ?? '', /r1$/);
  await session.close(true);
});

test('a lease that was let go of is taken at once', async (t) => {
  const played = await play(t, undefined);
  const first = played.open('r1');
  await first.lock();
  await first.close(false);
  assert.equal(played.lease?.spec?.holderIdentity ?? '', '');
  const second = played.open('r2');
  assert.deepEqual(await second.lock(), { leftoversLikely: true });
  await second.close(true);
});

test('of two that take a dead lease one is turned away', async (t) => {
  const played = await play(t, aLease('dead/1/r0', 3_600_000, 1), (request, _, { lease }) => {
    // Somebody else is faster between our GET and our PUT.
    if (request.line.startsWith('PUT') && lease?.metadata) lease.metadata.resourceVersion = '99';
    return false;
  });
  assert.ok((await thrown(played.open('r1').lock())) instanceof Held);
});

test('a lease that is deleted between create and read means: come again at once', async (t) => {
  const played = await play(t, aLease('other/1/r0', 0), (request, _, all) => {
    if (request.line.startsWith('GET')) delete all.lease;
    return false;
  });
  const error = await thrown(played.open('r1').lock());
  assert.ok(error instanceof Held && error.retryAfterMs <= 1_000);
});

test('a take-over whose answer is lost on the way is a take-over', async (t) => {
  const played = await play(t, aLease('dead/1/r0', 3_600_000, 1), loseFirst('PUT'));
  const session = played.open('r1');
  assert.deepEqual(await session.lock(), { leftoversLikely: true });
  await session.close(true);
  assert.equal(played.lease, undefined);
});

test('a lease is renewed before it is over, and at once again where that failed', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let refusals = 0;
  const played = await play(t, undefined, ({ line }, response) => {
    if (!line.startsWith('PUT') || ++refusals > 1) return false;
    refuse(response, 422, 'Invalid');
    return true;
  });
  const session = played.open('r1');
  await session.lock();
  const puts = () => played.lines().filter((line) => line.startsWith('PUT')).length;
  t.mock.timers.tick(20_000);
  await until(() => puts() === 1);
  await until(() => puts() === 2, t);
  assert.deepEqual([...played.ended], []);
  await session.close(true);
  assert.equal(played.lease, undefined);
});

test('a renewal whose answer is lost on the way is no loss', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const played = await play(t, undefined, loseFirst('PUT'));
  const session = played.open('r1');
  await session.lock();
  t.mock.timers.tick(20_000);
  await until(() => played.lines().some((line) => line.startsWith('GET')), t);
  await session.close(true);
  assert.deepEqual([...played.ended], []);
  assert.equal(played.lease, undefined);
});

test('a run whose lease is in other hands is ended, and leaves the lease to them', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const played = await play(t, undefined);
  const session = played.open('r1');
  await session.lock();
  const theirs = { ...aLease('other/9/r2', 0), metadata: { ...played.lease?.metadata, resourceVersion: '50' } };
  played.lease = theirs;
  t.mock.timers.tick(20_000);
  await until(() => played.ended.has('r1'));
  assert.match(played.ended.get('r1') ?? '', /another process took/);
  await session.close(true);
  assert.equal(played.lease, theirs);
});

test('a lease that changed hands unnoticed is not deleted', async (t) => {
  const played = await play(t, undefined);
  const session = played.open('r1');
  await session.lock();
  const theirs = { ...aLease('other/9/r2', 0), metadata: { ...played.lease?.metadata, resourceVersion: '50' } };
  played.lease = theirs;
  await session.close(true);
  assert.equal(played.lease, theirs);
});

test('a missing namespace is ours to mend', async (t) => {
  const played = await play(t, undefined, (_, response) => {
    refuse(response, 404, 'NotFound', 'namespaces "tests" not found');
    return true;
  });
  const [finding] = findingsOf(await thrown(played.open('r1').lock()));
  assert.equal(finding?.code, 'k8s.prerequisite_missing');
  assert.equal(finding?.blame, 'us');
});

test('a namespace that is being deleted is not called missing', async (t) => {
  const played = await play(t, undefined, (_, response) => {
    const details = { causes: [{ reason: 'NamespaceTerminating' }] };
    answer(response, 403, { kind: 'Status', code: 403, reason: 'Forbidden', message: 'unable to create', details });
    return true;
  });
  const [finding] = findingsOf(await thrown(played.open('r1').lock()));
  assert.equal(finding?.code, 'k8s.prerequisite_missing');
  assert.match(finding?.message ?? '', /is being deleted/);
});
