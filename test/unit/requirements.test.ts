import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  defaultStorageClass,
  dualStack,
  schedulableNodes,
  servedApi,
  storageClass,
} from '../../runtime/kube/requirements.ts';
import { healthOf, isWell } from '../../runtime/memory/cluster-health.ts';
import { createStore } from '../../runtime/memory/store.ts';
import type { Requirement } from '../../runtime/model/suite.ts';
import { checkingRequirements, createSupport } from '../../runtime/run/support.ts';
import { samplesOf } from '../../runtime/sinks/metric-catalogue.ts';
import { renderReport } from '../../runtime/words/run-text.ts';
import { aRun, aStep, at } from '../results.ts';

const asked = (requirement: Requirement, items: readonly object[] | undefined, serves = false) =>
  requirement.unmet({ list: async () => items as never, serves: async () => serves });

test('a default StorageClass is one that says so', async () => {
  const of = (value: string) => ({
    metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': value } },
  });
  assert.equal(await asked(defaultStorageClass(), [of('false'), of('true')]), undefined);
  const old = { metadata: { annotations: { 'storageclass.beta.kubernetes.io/is-default-class': 'true' } } };
  assert.equal(await asked(defaultStorageClass(), [old]), undefined);
  assert.match((await asked(defaultStorageClass(), [of('false')])) ?? '', /none of the cluster's 1 StorageClasses/);
  assert.match((await asked(defaultStorageClass(), undefined)) ?? '', /none of the cluster's 0 StorageClasses/);
});

test('a class for volumes is the newest default or the one that is named, makes them, and deletes them', async () => {
  const isDefault = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const aClass = (name: string, more: object = {}, annotations = {}) => ({
    metadata: { name, annotations, creationTimestamp: `2026-01-0${name.length}T00:00:00Z` },
    provisioner: 'example.com/disks',
    ...more,
  });
  const ask = (items: readonly object[], storage?: string) =>
    storageClass().unmet({
      list: async () => items as never,
      serves: async () => false,
      ...(storage && { storageClass: storage }),
    });
  const kept = aClass('kept', { reclaimPolicy: 'Retain' }, isDefault);
  const newer = aClass('newer', { reclaimPolicy: 'Delete' }, isDefault);
  const byHand = aClass('by-hand', { provisioner: 'kubernetes.io/no-provisioner' });
  assert.equal(await ask([kept, newer]), undefined);
  assert.match((await ask([kept])) ?? '', /^volumes of StorageClass kept stay .*Retain/);
  assert.match((await ask([kept, newer], 'kept')) ?? '', /^volumes of StorageClass kept stay/);
  assert.match((await ask([newer, byHand], 'by-hand')) ?? '', /^nobody makes volumes of StorageClass by-hand/);
  assert.match((await ask([newer], 'gone')) ?? '', /^there is no StorageClass gone/);
  assert.match((await ask([byHand])) ?? '', /^none of the cluster's 1 StorageClasses is the default/);
  assert.equal(await ask([aClass('plain')], 'plain'), undefined);
});

test('nodes count where they take pods: not cordoned, without a taint that keeps pods off', async () => {
  const nodes = [
    {},
    { spec: { taints: [{ effect: 'PreferNoSchedule' }] } },
    { spec: { unschedulable: true } },
    { spec: { taints: [{ effect: 'NoSchedule' }] } },
  ];
  assert.equal(await asked(schedulableNodes(2), nodes), undefined);
  assert.equal(await asked(schedulableNodes(3), nodes), '2 of 4 nodes take pods, and 3 are needed');
});

test('both families are seen by the ranges of services, before 1.33 by those of pods', async () => {
  const ranges = (...cidrs: string[]) => [{ spec: { cidrs } }];
  assert.equal(await asked(dualStack(), ranges('10.96.0.0/16', 'fd00::/112')), undefined);
  assert.equal(await asked(dualStack(), [...ranges('10.96.0.0/16'), ...ranges('fd00::/112')]), undefined);
  assert.equal(await asked(dualStack(), ranges('fd00::/112')), 'services have addresses of IPv6 alone');
  const old = (...podCIDRs: string[]) =>
    dualStack().unmet({
      list: async ({ plural }) => (plural === 'nodes' ? ([{ spec: { podCIDRs } }] as never) : undefined),
      serves: async () => true,
    });
  assert.equal(await old('10.244.1.0/24', 'fd00::/64'), undefined);
  assert.equal(await old('10.244.1.0/24'), "the nodes' pods have addresses of IPv4 alone");
  assert.match((await old()) ?? '', /a family that nobody says/);
});

test('an API is served or not', async () => {
  const metrics = servedApi('metrics.k8s.io/v1beta1');
  assert.equal(await asked(metrics, undefined, true), undefined);
  assert.equal(await asked(metrics, undefined), 'the cluster does not serve metrics.k8s.io/v1beta1');
});

test('a suite is counted on where it was named, and for a day after it was supported', () => {
  let hours = 0;
  const support = createSupport(['named'], () => hours * 3_600_000);
  assert.match(support.expected('named') ?? '', /asked for by name/);
  assert.equal(support.expected('other'), undefined);
  const judged = (status: 'passed' | 'skipped') =>
    support.learn({ type: 'run-judged', result: aRun('other', { steps: [aStep(checkingRequirements, status)] }) });
  judged('skipped');
  assert.equal(support.expected('other'), undefined);
  judged('passed');
  hours = 23;
  assert.match(support.expected('other') ?? '', /it was there 1380 minutes ago/);
  hours = 25;
  assert.equal(support.expected('other'), undefined);
});

const unmet = { requirement: 'gold', reason: 'there is none' };
const unsupported = (suite: string) =>
  aRun(suite, { status: 'unsupported', unmet, steps: [], finishedAt: at(0).toISOString() });

test('it is left out of the verdict, and is the whole only where all are', () => {
  const store = createStore({ now: () => at(0) });
  store.record({ type: 'run-finished', result: unsupported('volume') });
  const suites = [{ name: 'volume' }, { name: 'dns' }];
  const alone = healthOf(store.snapshot(), suites.slice(0, 1), at(1), 20 * 60_000);
  assert.deepEqual([alone.status, isWell(alone), alone.headline], ['unsupported', true, undefined]);
  for (const [status, whole] of [
    ['passed', 'passing'],
    ['failed', 'failing'],
  ] as const) {
    store.record({
      type: 'run-finished',
      result: aRun('dns', { id: status, status, finishedAt: at(0).toISOString() }),
    });
    const health = healthOf(store.snapshot(), suites, at(1), 20 * 60_000);
    assert.deepEqual([health.status, health.suites.map(({ state }) => state)], [whole, ['unsupported', whole]]);
    assert.equal(isWell(health), status === 'passed');
  }
});

test('the figures and the report say so', () => {
  const samples = samplesOf({ type: 'run-finished', result: unsupported('volume') }, () => undefined);
  const states = samples.filter(({ metric, value }) => metric === 'suite_state' && value === 1);
  assert.deepEqual(
    states.map(({ parts }) => parts),
    [['volume', 'unsupported']],
  );
  const report = renderReport(unsupported('volume'), { colour: false });
  assert.match(report, /– unsupported after/);
  assert.match(report, /The cluster does not offer gold: there is none\./);
});
