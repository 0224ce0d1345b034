import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlannedStart, StartView } from '../../runtime/kube/session/starts.ts';
import { createLateWatch } from '../../runtime/late/watch.ts';
import type { PodView } from '../../runtime/model/evidence.ts';
import type { RunResult } from '../../runtime/model/result.ts';

const planned: PlannedStart = {
  suite: 'dns',
  service: 'kube-e2etests-dns',
  source: 'kube-e2etests-dns',
  schedule: '*/10 * * * *',
};
const start = Date.parse('2026-01-01T00:05:00Z');
const asleep: StartView = {
  wanted: 0,
  evidence: {
    at: '2026-01-01T00:11:15Z',
    replicaSets: [],
    pods: [],
    nodes: [],
    events: [],
    probes: [],
    logs: [],
    api: [],
  },
};
const pending = (conditions: PodView['conditions']): PodView =>
  ({
    name: 'p',
    phase: 'Pending',
    createdAt: '2026-01-01T00:10:01Z',
    conditions,
    containers: [],
  }) as unknown as PodView;

interface World {
  view?: StartView;
  planned?: PlannedStart;
  answer?: string;
  sign?: string;
}

/** What is recorded by looks every 15 s from 00:05 until then. */
async function recordedUntil(until: string, world: World = {}): Promise<readonly RunResult[]> {
  const recorded: RunResult[] = [];
  let at = start;
  const watch = createLateWatch({
    reader: { plan: async () => [world.planned ?? planned], look: async () => world.view ?? asleep },
    namespace: 'kube-e2etests',
    lastSign: () => world.sign,
    record: (result) => void recorded.push(result),
    ask: async () => world.answer ?? '200',
    log: { warn: (_, message) => assert.fail(message) },
    now: () => new Date(at),
  });
  for (; at <= Date.parse(until); at += 15_000) await watch.look();
  return recorded;
}

const only = async (world: World) => (await recordedUntil('2026-01-01T00:11:15Z', world))[0]?.diagnosis;

test('silence is told within two minutes of the tick, and not before a minute', async () => {
  assert.deepEqual(await recordedUntil('2026-01-01T00:10:59Z'), []);
  const [run] = await recordedUntil('2026-01-01T00:12:00Z');
  assert.ok(Date.parse(run?.finishedAt ?? '') - Date.parse('2026-01-01T00:10:00Z') <= 75_000);
  assert.equal(run?.steps[0]?.findings[0]?.code, 'start.late');
});

test('a run, a step or a pod that is Ready is a sign of life', async () => {
  assert.deepEqual(await recordedUntil('2026-01-01T00:12:00Z', { sign: '2026-01-01T00:10:04Z' }), []);
  const ready = pending([{ type: 'Ready', status: 'True' }]);
  const view = { wanted: 1, evidence: { ...asleep.evidence, pods: [ready] } };
  assert.deepEqual(await recordedUntil('2026-01-01T00:12:00Z', { view }), []);
});

test('a tick before this process began is not its to miss', async () => {
  const world = { planned: { ...planned, schedule: '4 0 * * *' } };
  assert.deepEqual(await recordedUntil('2026-01-01T00:30:00Z', world), []);
});

test('what keeps a process that was asked shows after the question: looked at once more', async () => {
  const message = 'pods "x" is forbidden: exceeded quota: used-up, requested: pods=1, used: pods=2, limited: pods=2';
  const conditions = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }];
  const set = { name: 'kube-e2etests-dns-00001', wanted: 1, replicas: 0, ready: 0, image: 'i', conditions };
  const looks = [asleep, { wanted: 1, evidence: { ...asleep.evidence, replicaSets: [set] } }];
  let at = start;
  const recorded: RunResult[] = [];
  const watch = createLateWatch({
    reader: { plan: async () => [planned], look: async () => looks.shift() ?? asleep },
    namespace: 'kube-e2etests',
    lastSign: () => undefined,
    record: (result) => void recorded.push(result),
    ask: async () => 'nothing for 20 s',
    log: { warn: (_, text) => assert.fail(text) },
    now: () => new Date(at),
  });
  for (; recorded.length === 0; at += 15_000) await watch.look();
  assert.equal(recorded[0]?.diagnosis?.component, 'quota');
});

test('a schedule that was changed promises nothing for the time before', async () => {
  let at = Date.parse('2026-01-01T00:10:30Z');
  let schedule = '0 0 1 1 *';
  const recorded: RunResult[] = [];
  const watch = createLateWatch({
    reader: { plan: async () => [{ ...planned, schedule }], look: async () => asleep },
    namespace: 'kube-e2etests',
    lastSign: () => undefined,
    record: (result) => void recorded.push(result),
    ask: async () => '200',
    log: { warn: (_, message) => assert.fail(message) },
    now: () => new Date(at),
  });
  await watch.look();
  schedule = '* * * * *';
  for (const end = Date.parse('2026-01-01T00:12:59Z'); at < end; at += 15_000) await watch.look();
  assert.equal(recorded.length, 0);
  at = Date.parse('2026-01-01T00:13:01Z');
  await watch.look();
  assert.deepEqual(
    recorded.map(({ startedAt }) => startedAt),
    ['2026-01-01T00:12:00.000Z'],
  );
});

test('the same tick is one run, however often it is looked at; the next tick is another', async () => {
  const runs = await recordedUntil('2026-01-01T00:22:00Z');
  assert.ok(runs.length > 2);
  assert.equal(new Set(runs.map(({ id }) => id)).size, 2);
});

test('pods that no scheduler looks at: the scheduler, and the run has failed', async () => {
  const view = { wanted: 1, evidence: { ...asleep.evidence, pods: [pending([])] } };
  const [run] = await recordedUntil('2026-01-01T00:11:15Z', { view });
  assert.deepEqual([run?.status, run?.diagnosis?.component], ['failed', 'scheduler']);
});

test('a quota of our own namespace: errored, in its words', async () => {
  const message =
    'pods "x" is forbidden: exceeded quota: kube-e2etests, requested: pods=1, used: pods=20, limited: pods=20';
  const conditions = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }];
  const set = { name: 'kube-e2etests-dns-00001', wanted: 1, replicas: 0, ready: 0, image: 'i', conditions };
  const view = { wanted: 1, evidence: { ...asleep.evidence, replicaSets: [set] } };
  const [run] = await recordedUntil('2026-01-01T00:11:15Z', { view });
  assert.deepEqual([run?.status, run?.diagnosis?.component], ['errored', 'quota']);
  assert.match(run?.diagnosis?.sentence ?? '', /exceeded|quota/);
});

test('of Knative: who is not ready, who sends nothing, who starts nothing', async () => {
  const source = await only({ planned: { ...planned, notReady: 'NotFound: no sink' } });
  assert.equal(source?.rule, 'knative/source-not-ready');
  const service = await only({ view: { ...asleep, notReady: 'RevisionFailed: image not found' } });
  assert.equal(service?.rule, 'knative/service-not-ready');
  assert.match(service?.sentence ?? '', /image not found/);
  assert.equal((await only({ answer: '200' }))?.rule, 'knative/source-silent');
  assert.equal((await only({ answer: 'ECONNREFUSED' }))?.rule, 'knative/not-scaled-up');
  assert.equal((await only({ answer: '503' }))?.rule, 'knative/not-scaled-up');
});
