/** On a broken cluster a run ends in time: one deadline for a chain of waits, then the verdict, then the clean-up. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RunEvent } from '../../runtime/model/event.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import { type FaultName, type FaultOptions, startSandbox } from '../../sandbox/index.ts';
import { keepsItsObjects, openDrive } from '../cluster/drive.ts';

const eventTimeoutSeconds = 3;
/** No longer than a wait may take. */
const cleanUpMs = eventTimeoutSeconds * 1000;
/** What a busy machine may add: less than the third deadline that a broken bound would cost. */
const busyMs = 2000;

interface Case {
  readonly fault: FaultName;
  readonly suite: string;
  readonly options?: FaultOptions;
  /** The fault begins with this step; default: before the run. */
  readonly at?: string;
}

const cases: readonly Case[] = [
  { fault: 'scheduler-down', suite: 'deployment' },
  { fault: 'scheduler-down', suite: 'http_update' },
  { fault: 'kubelet-down', suite: 'deployment_update' },
  { fault: 'kubelet-down', suite: 'deployment_scale' },
  { fault: 'pods-never-die', suite: 'deployment' },
  { fault: 'deployment-controller-down', suite: 'deployment_scale_service' },
  { fault: 'endpoints-controller-down', suite: 'deployment_scale_service' },
  { fault: 'endpoints-stale', suite: 'deployment_scale_service' },
  { fault: 'endpoints-stale', suite: 'http_update' },
  { fault: 'endpoints-controller-down', suite: 'service' },
  { fault: 'service-proxy-down', suite: 'http' },
  { fault: 'service-proxy-down', suite: 'http_update' },
  { fault: 'dns-timeout', suite: 'http' },
  { fault: 'dns-timeout', suite: 'http_update' },
  { fault: 'namespace-stuck', suite: 'namespace' },
  { fault: 'api-503', suite: 'http' },
  { fault: 'api-down', suite: 'deployment', options: { seconds: 30 }, at: 'Wait on pods ready' },
  { fault: 'api-503', suite: 'deployment', at: 'Delete Deployment' },
];

/** Side by side, since each mostly waits for its deadline. */
describe('a run on a broken cluster ends in time', { concurrency: 3 }, () => {
  for (const one of cases) {
    test(`${one.fault}: ${one.suite} ends within two deadlines of the wait that failed`, async (t) => {
      const { events, times, result } = await runBroken(one);
      const red = result.steps.find(({ kind, status }) => kind !== 'cleanup' && status !== 'passed');
      assert.ok(red, 'the run is red');
      const began = times[events.findIndex((event) => event.type === 'step-started' && event.step === red.name)]!;
      const judgedAt = times[events.findIndex((event) => event.type === 'run-judged')]!;
      t.diagnostic(
        `${red.name}: judged after ${(judgedAt - began) | 0} ms, over after ${(times.at(-1)! - began) | 0} ms`,
      );
      assert.ok(times.at(-1)! - began <= eventTimeoutSeconds * 1000 + cleanUpMs + busyMs, 'over in time');
      const firstCleanUp = events.findIndex((event) => event.type === 'step-started' && event.kind === 'cleanup');
      const verdict = events.findIndex((event) => event.type === 'run-judged');
      assert.ok(firstCleanUp === -1 || verdict < firstCleanUp, 'the verdict comes before the clean-up');
    });
  }
});

test('the first cause and what clean-up met stay apart', async () => {
  const { result } = await runBroken({ fault: 'api-503', suite: 'deployment', at: 'Wait on pods ready' });
  const judged = result.steps.filter(({ kind }) => kind !== 'cleanup');
  const cleanUp = result.steps.filter(({ kind, status }) => kind === 'cleanup' && status !== 'passed');
  assert.ok(cleanUp.length > 0, 'clean-up failed as well');
  assert.equal(result.diagnosis?.component, 'api-server');
  const findings = judged.flatMap((step) => step.findings);
  assert.ok(findings.every(({ message }) => !message.includes('Not cleaned up')));
  assert.ok(
    cleanUp.every(({ findings: met }) => met.every(({ evidence }) => evidence === undefined)),
    'the evidence is of the first cause',
  );
});

async function runBroken({ fault, suite, options, at }: Case) {
  const sandbox = await startSandbox();
  const breakNow = () => sandbox.faults.set(fault, { ...options });
  const events: RunEvent[] = [];
  const times: number[] = [];
  const drive = await openDrive({
    prefix: 'deadlines',
    eventTimeoutSeconds,
    env: {
      KUBECONFIG: sandbox.kubeconfigPath,
      PROBE_PROXY: sandbox.probeProxy,
      DNS_SERVERS: sandbox.dnsServers.join(','),
      AGENT_IMAGE: sandbox.agentImage,
      PULL_IMAGE: sandbox.pullImage,
    },
    record: (event) => {
      events.push(event);
      times.push(performance.now());
      if (event.type === 'step-started' && event.step === at) breakNow();
    },
  });
  try {
    if (keepsItsObjects(suite)) await drive.stand(suite);
    events.length = 0;
    times.length = 0;
    if (!at) breakNow();
    const result = (await drive.run(suite)).get(suite) as RunResult;
    return { events, times, result };
  } finally {
    await drive.close();
    await sandbox.close();
  }
}
