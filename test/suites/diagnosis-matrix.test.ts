/** Every fault of the sandbox that turns a suite red is named rightly, by the runs and by the headline. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { headlineOf } from '../../runtime/diagnosis/headline.ts';
import type { Component } from '../../runtime/model/diagnosis.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import { type FaultName, type FaultOptions, startSandbox } from '../../sandbox/index.ts';
import { headlineClock } from '../cluster/diagnosis.ts';
import { allSuites, keepsItsObjects, openDrive } from '../cluster/drive.ts';
import { table } from '../tables.ts';

const eventTimeoutSeconds = 6;
const leastRight = 0.95;
const standing = allSuites.filter(keepsItsObjects);

interface Expected {
  readonly component: Component;
  /** Of the headline. */
  readonly part?: string;
  readonly options?: FaultOptions;
}

const everyNode = 'node1, node2, node3';

const matrix: Partial<Record<FaultName, Expected>> = {
  'dns-nxdomain': { component: 'dns' },
  'dns-timeout': { component: 'dns' },
  'dns-servfail': { component: 'dns' },
  'scheduler-down': { component: 'scheduler' },
  'pods-on-one-node': { component: 'scheduler' },
  'pods-in-one-zone': { component: 'scheduler' },
  'nodes-without-zone': { component: 'setup', part: 'node labels' },
  'kubelet-down': { component: 'kubelet', part: 'node2' },
  'kubelet-slow': { component: 'kubelet', part: everyNode },
  'image-pull-fails': { component: 'registry' },
  'crash-loop': { component: 'workload' },
  'readiness-never': { component: 'workload' },
  'pods-never-die': { component: 'kubelet', part: everyNode },
  'wrong-content': { component: 'workload' },
  'content-stale': { component: 'kubelet', part: everyNode },
  'logs-empty': { component: 'kubelet', part: everyNode },
  'logs-stale': { component: 'kubelet', part: everyNode },
  'deployment-controller-down': { component: 'controller-manager', part: 'deployment' },
  'rollout-stuck': { component: 'controller-manager', part: 'deployment' },
  'old-pods-linger': { component: 'controller-manager', part: 'replicaset' },
  'endpoints-controller-down': { component: 'controller-manager', part: 'endpoints' },
  'endpoints-stale': { component: 'controller-manager', part: 'endpoints' },
  'namespace-stuck': { component: 'controller-manager', part: 'namespace' },
  'service-proxy-down': { component: 'kube-proxy', part: 'where we run' },
  'service-proxy-one-dead-backend': { component: 'kube-proxy', part: 'where we run' },
  'configmap-forbidden': { component: 'rbac', part: 'configmaps' },
  forbidden: { component: 'rbac', part: 'deployments', options: { resource: 'deployments' } },
  'quota-exhausted': { component: 'quota', part: 'sandbox-exhausted' },
  'api-500': { component: 'api-server' },
  'api-503': { component: 'api-server' },
  'api-429': { component: 'api-server', options: { share: 1 } },
  'api-reset': { component: 'api-server', options: { share: 1 } },
  'api-down': { component: 'api-server', options: { seconds: 60 } },
};

const rows = new Map<string, string[]>();
const head = ['fault', 'red suites', 'right', 'headline', 'first right headline'];
after(() => {
  const order = Object.keys(matrix).filter((name) => rows.has(name));
  if (order.length === Object.keys(matrix).length)
    table(
      'docs/diagnosis.md',
      'sandbox',
      head,
      order.map((name) => rows.get(name)!),
    );
});

test('each fault is named, by its runs and by the headline', { concurrency: 4 }, async (t) => {
  const names = Object.keys(matrix) as FaultName[];
  await Promise.all(names.map((name) => t.test(name, (t) => diagnosed(t.diagnostic.bind(t), name, matrix[name]!))));
});

async function diagnosed(say: (text: string) => void, name: FaultName, expected: Expected): Promise<void> {
  const sandbox = await startSandbox();
  const clock = headlineClock(expected.component);
  const drive = await openDrive({
    prefix: 'matrix',
    eventTimeoutSeconds,
    record: clock.record,
    env: {
      KUBECONFIG: sandbox.kubeconfigPath,
      PROBE_PROXY: sandbox.probeProxy,
      DNS_SERVERS: sandbox.dnsServers.join(','),
    },
  });
  try {
    await drive.stand(...standing);
    sandbox.faults.set(name, { ...expected.options });
    clock.start();
    const results = [...(await drive.run(...allSuites)).values()];
    judge(say, name, expected, results, clock.afterMs);
    for (const { suite, startedAt, finishedAt, durationMs } of results) {
      const ms = Date.parse(finishedAt) - Date.parse(startedAt);
      if (ms > eventTimeoutSeconds * 1000)
        say(`LONG ${suite}: judged after ${Math.round(durationMs)} ms, over after ${ms} ms`);
    }
  } finally {
    await drive.close();
    await sandbox.close();
  }
}

function judge(
  say: (text: string) => void,
  name: FaultName,
  { component, part }: Expected,
  results: readonly RunResult[],
  afterMs: number | undefined,
): void {
  const red = results.filter(({ status }) => status !== 'passed');
  for (const { suite, diagnosis } of red) say(`${suite}: ${diagnosis?.rule}: ${diagnosis?.sentence}`);
  const right = red.filter(({ diagnosis }) => diagnosis?.component === component);
  const headline = headlineOf(results);
  const named = headline ? `${headline.component}${headline.part ? ` (${headline.part})` : ''}` : 'none';
  const time = afterMs === undefined ? 'none' : `${(afterMs / 1000).toFixed(1)} s`;
  rows.set(name, [name, red.map(({ suite }) => suite).join(', '), `${right.length} of ${red.length}`, named, time]);
  assert.ok(red.length > 0, 'the fault turns a suite red');
  assert.ok(right.length >= leastRight * red.length, `${right.length} of ${red.length} red runs are right`);
  assert.equal(headline?.component, component);
  assert.equal(headline?.part, part);
}
