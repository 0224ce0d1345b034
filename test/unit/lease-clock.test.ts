/** Whose lease it is, whatever the clocks say and however long a process was stopped. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Defect, findingsOf, Held } from '../../runtime/defects.ts';
import { answer, refuse } from '../api-server.ts';
import { aLease, name, path, play, standStill, thrown, until } from '../leases.ts';

for (const aheadMs of [-3_600_000, -90_000, 90_000, 3_600_000]) {
  const whose = aheadMs > 0 ? 'ahead of' : 'behind';
  test(`a holder that renews its lease keeps it: our clock is ${Math.abs(aheadMs) / 1000} s ${whose} its clock`, async (t) => {
    let reads = 0;
    const played = await play(t, aLease('other/1/r0', aheadMs, 2), ({ line }, _, { lease }) => {
      // It renews while we look, by its own clock.
      if (line.startsWith('GET') && ++reads === 2 && lease?.spec)
        lease.spec.renewTime = new Date(Date.now() - aheadMs + 1).toISOString() as never;
      return false;
    });
    const error = await thrown(played.open('r1').lock());
    assert.ok(error instanceof Held);
    assert.equal(error.holder, 'other/1/r0');
    assert.equal(played.lease?.spec?.holderIdentity, 'other/1/r0');
    assert.equal(played.lines().filter((line) => line.startsWith('PUT')).length, 0);
  });
}

test('whoever labels a dead lease again and again does not keep it alive', async (t) => {
  let version = 5;
  const played = await play(t, aLease('dead/2/r0', 3_600_000, 1), ({ line }, _, { lease }) => {
    if (line.startsWith('GET') && lease?.metadata) lease.metadata.resourceVersion = `${version++}`;
    return false;
  });
  const session = played.open('r1');
  assert.deepEqual(await session.lock(), { leftoversLikely: true });
  await session.close(true);
});

test('nothing is asked before a judgement as long as nobody can have taken the lease', async (t) => {
  const played = await play(t, undefined);
  const session = played.open('r1');
  await session.lock();
  assert.equal(await session.confirm(), true);
  assert.deepEqual(played.lines(), ['POST …']);
  await session.close(true);
});

test('a process that was stopped renews its lease before it judges anything', async (t) => {
  const played = await play(t, undefined);
  const session = played.open('r1');
  await session.lock();
  standStill(t, 60_000);
  assert.equal(await session.confirm(), true);
  assert.deepEqual(played.lines(), ['POST …', `PUT …/${name}`]);
  assert.equal(await session.confirm(), true);
  assert.equal(played.lines().length, 2, 'once for each gap');
  await session.close(true);
});

test('a process that was stopped and whose lease was taken meanwhile ends its run', async (t) => {
  const played = await play(t, undefined);
  const session = played.open('r1');
  await session.lock();
  const theirs = { ...aLease('other/9/r2', 0), metadata: { ...played.lease?.metadata, resourceVersion: '50' } };
  played.lease = theirs;
  standStill(t, 60_000);
  const [finding] = findingsOf(await thrown(session.confirm()));
  assert.deepEqual([finding?.code, finding?.blame], ['run.aborted', 'us']);
  assert.match(played.ended.get('r1') ?? '', /another process took/);
  await session.close(true);
  assert.equal(played.lease, theirs);
});

test('an API server that does not answer takes the lease from nobody', async (t) => {
  let isDown = false;
  const played = await play(t, undefined, (_, response) => {
    if (isDown) response.destroy();
    return isDown;
  });
  const session = played.open('r1');
  await session.lock();
  isDown = true;
  standStill(t, 60_000);
  assert.equal(await session.confirm(), false);
  assert.deepEqual([...played.ended], []);
  isDown = false;
  await session.close(true);
});

test('the next run of a process does not wait for the lease that its last run could not give back', async (t) => {
  let storm = false;
  const played = await play(t, undefined, (_, response) => {
    if (storm) refuse(response, 429, 'TooManyRequests');
    return storm;
  });
  for (const [clean, leftoversLikely] of [
    [true, false],
    [false, true],
  ] as const) {
    const first = played.open(`first-${clean}`);
    await first.lock();
    storm = true;
    await first.close(clean);
    storm = false;
    assert.ok(played.lease?.spec?.holderIdentity?.endsWith(`first-${clean}`), 'it still stands');
    const second = played.open(`second-${clean}`);
    assert.deepEqual(await second.lock(), { leftoversLikely });
    await second.close(true);
    assert.equal(played.lease, undefined);
  }
});

test('a run that is stopped while its lease is being made leaves none', async (t) => {
  const stop = new AbortController();
  const played = await play(t, undefined, ({ line, body }, response, all) => {
    if (line !== `POST ${path}` || all.lease) return false;
    const { metadata, ...rest } = JSON.parse(body);
    all.lease = { ...rest, metadata: { ...metadata, namespace: 'tests', uid: 'uid-7', resourceVersion: '7' } };
    // Made, and stopped before the answer is there.
    stop.abort(new Defect('run.aborted', 'This process shuts down'));
    setTimeout(() => answer(response, 201, all.lease), 100);
    return true;
  });
  const [finding] = findingsOf(await thrown(played.open('r1', stop.signal).lock()));
  assert.equal(finding?.code, 'run.aborted');
  assert.equal(played.lease, undefined);
});

test('the same where the answer never comes', async (t) => {
  const stop = new AbortController();
  const played = await play(t, undefined, ({ line, body }, _, all) => {
    if (line !== `POST ${path}` || all.lease) return false;
    const { metadata, ...rest } = JSON.parse(body);
    all.lease = { ...rest, metadata: { ...metadata, namespace: 'tests', uid: 'uid-8', resourceVersion: '8' } };
    stop.abort(new Defect('run.aborted', 'This process shuts down'));
    return true;
  });
  await thrown(played.open('r1', stop.signal).lock());
  await until(() => played.lease === undefined);
  assert.equal(played.lines().filter((line) => line.startsWith('POST')).length, 1, 'nothing is sent anew');
});
