/** Each suite goes red for its fault and for nothing else, and green again without anybody's help. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { FindingCode } from '../../../runtime/findings.ts';
import type { RunResult } from '../../../runtime/model.ts';
import { table } from '../../tables.ts';
import { assertDiagnosed, clockFor, faultsHead } from '../diagnosis.ts';
import { allSuites, openDrive } from '../drive.ts';
import { type Admin, fault, hurryPods, namespacesSettled, noFaults, openAdmin, removeNamespaces } from '../kit.ts';
import { assertFailedAt, assertPassed, describeRun } from '../say.ts';

const prefix = 'faults';
const standing = allSuites.filter((name) => /^(deployment_|http)/.test(name));

type Verdicts = Readonly<Record<string, { step: string; code: FindingCode }>>;
interface Window {
  /** Words for `fault`, and their opposite. */
  readonly breaks: readonly string[];
  readonly heals: readonly string[];
  /** EVENT_TIMEOUT_SECONDS while broken. */
  readonly seconds: number;
  readonly red: Verdicts;
  readonly green: readonly string[];
  /** Waits, once it is healed, for what takes a moment to be itself again. */
  readonly restored?: () => Promise<void>;
  /** Pods that are being deleted go at once; default true. */
  readonly hurry?: boolean;
  /** Once it is broken, before the suites run. */
  readonly afterwards?: () => Promise<void>;
}

/** A kubelet that has just started answers 404 for the logs of pods that it has not looked at yet. */
async function logsCanBeRead({ core }: Admin, namespace: string): Promise<void> {
  const { items } = await core.listNamespacedPod({ namespace });
  const read = (name = '') => core.readNamespacedPodLog({ name, namespace, tailLines: 1 });
  while (!(await Promise.all(items.map(({ metadata }) => read(metadata?.name))).catch(() => undefined)))
    await pause(100);
}

test('faults', { skip: noFaults }, async (t) => {
  let admin: Admin;
  before(async () => {
    admin = openAdmin();
    await namespacesSettled(admin, prefix);
    const drive = await openDrive({ prefix });
    await drive.stand(...standing);
    await drive.close();
  });
  const diagnoses: string[][] = [];
  after(async () => {
    await removeNamespaces(admin, prefix);
    await admin?.close();
    table('docs/diagnosis.md', 'faults', faultsHead, diagnoses);
  });

  const runHealed = async (names: readonly string[], say: (text: string) => void) => {
    const drive = await openDrive({ prefix, eventTimeoutSeconds: 120 });
    const slowDown = hurryPods(admin, prefix);
    try {
      const results = [...(await drive.run(...names)).values()];
      for (const result of results) say(`healed: ${describeRun(result)}`);
      return results;
    } finally {
      slowDown();
      await drive.close();
    }
  };

  /** Suites run while it is broken, then the red ones again once it is healed. */
  const check = async (window: Window, say: (text: string) => void) => {
    const { breaks, heals, seconds, red, green, afterwards, restored, hurry = true } = window;
    const clock = clockFor(breaks);
    const broken = await openDrive({ prefix, eventTimeoutSeconds: seconds, record: clock.record });
    const concerned = [...Object.keys(red), ...green];
    await broken.stand(...standing.filter((name) => concerned.includes(name)));
    const slowDown = hurry ? hurryPods(admin, prefix) : () => {};
    let results: ReadonlyMap<string, RunResult>;
    try {
      await fault(...breaks);
      await afterwards?.();
      clock.start();
      results = await broken.run(...concerned);
    } finally {
      await fault(...heals);
      await broken.close();
      slowDown();
    }
    for (const result of results.values()) say(describeRun(result));
    await restored?.();
    const healed = await runHealed(Object.keys(red), say);
    for (const [suite, { step, code }] of Object.entries(red)) assertFailedAt(results.get(suite), step, code);
    assertPassed(green.map((name) => results.get(name) as RunResult));
    assertPassed(healed);
    diagnoses.push(assertDiagnosed(breaks, seconds, results.values(), clock));
  };

  await t.test('scheduler stopped: new pods find no node, and what stands is fine', async (t) => {
    const putBack = { step: 'Put back deployment', code: 'timeout.events' } as const;
    await check(
      {
        breaks: ['scheduler', 'stop'],
        heals: ['scheduler', 'start'],
        seconds: 12,
        red: {
          deployment: { step: 'Wait on pod scheduling', code: 'timeout.events' },
          deployment_update: { step: 'Wait on rollout', code: 'timeout.events' },
          http_update: { step: 'Wait on rollout', code: 'timeout.events' },
          deployment_scale: putBack,
          deployment_scale_service: putBack,
        },
        green: ['namespace', 'service', 'deployment_service', 'http', 'dns'],
      },
      t.diagnostic.bind(t),
    );
  });

  await t.test('controller-manager stopped: nothing follows from what is asked, and what stands is fine', async (t) => {
    await check(
      {
        breaks: ['controller-manager', 'stop'],
        heals: ['controller-manager', 'start'],
        seconds: 10,
        red: {
          namespace: { step: 'Check Namespace deleted', code: 'k8s.not_deleted' },
          service: { step: 'Read service endpoints (0)', code: 'timeout.waiting_on_endpoints' },
          deployment: { step: 'Wait on pod scheduling', code: 'timeout.events' },
          deployment_update: { step: 'Wait on rollout', code: 'timeout.events' },
          http_update: { step: 'Wait on rollout', code: 'timeout.events' },
          deployment_scale: { step: 'Check pods are marked for deletion', code: 'timeout.events' },
          deployment_scale_service: { step: 'Read service endpoints (0)', code: 'k8s.service_endpoint_count_wrong' },
        },
        green: ['deployment_service', 'http', 'dns'],
      },
      t.diagnostic.bind(t),
    );
  });

  await t.test('DNS stopped: only what asks for a name notices', async (t) => {
    await check(
      {
        breaks: ['dns', 'stop'],
        heals: ['dns', 'start'],
        seconds: 10,
        red: {
          dns: { step: 'Resolve kubernetes.default.svc.cluster.local', code: 'dns.refused' },
          http: { step: 'Request service by hostname 2N times', code: 'dns.refused' },
        },
        green: ['service', 'deployment_service'],
      },
      t.diagnostic.bind(t),
    );
  });

  // A stopped kube-proxy leaves its rules: services that stand still answer, a new address has none yet.
  await t.test('kube-proxy stopped: a new service does not answer, one that stands does', async (t) => {
    await check(
      {
        breaks: ['kube-proxy', 'host', 'stop'],
        heals: ['kube-proxy', 'host', 'start'],
        seconds: 10,
        red: { http: { step: 'Request service by ip 2N times', code: 'timeout.waiting_on_endpoints' } },
        green: ['service', 'deployment_service', 'dns'],
        afterwards: async () => {
          const drive = await openDrive({ prefix });
          try {
            assertPassed((await drive.run('http')).values());
          } finally {
            await drive.close();
          }
          await admin.core.deleteNamespacedService({ name: 'kubee2etests', namespace: `${prefix}-http` });
        },
      },
      t.diagnostic.bind(t),
    );
  });

  await t.test('one kubelet stopped: its pods neither start nor go, and those that run still answer', async (t) => {
    await check(
      {
        breaks: ['kubelet', '2', 'stop'],
        heals: ['kubelet', '2', 'start'],
        seconds: 20,
        hurry: false,
        red: {
          deployment: { step: 'Wait on pods ready', code: 'timeout.waiting_on_phase' },
          deployment_scale: { step: 'Watch pod deletion', code: 'k8s.not_deleted' },
          http: { step: 'Validate pod logs', code: 'k8s.log_incorrect' },
        },
        green: ['namespace', 'service', 'deployment_service', 'dns'],
        restored: () => logsCanBeRead(admin, `${prefix}-http`),
      },
      t.diagnostic.bind(t),
    );
  });

  await t.test('a node cut off: its pods do not answer', async (t) => {
    await check(
      {
        breaks: ['node', '2', 'cut'],
        heals: ['node', '2', 'heal'],
        seconds: 10,
        hurry: false,
        red: {
          deployment: { step: 'Wait on pods ready', code: 'timeout.waiting_on_phase' },
          http: { step: 'HTTP request each pod', code: 'http.timeout' },
        },
        green: ['service', 'deployment_service', 'dns'],
      },
      t.diagnostic.bind(t),
    );
  });

  await t.test('API server restarted in mid-run: survived', async (t) => {
    let restart: Promise<void> | undefined;
    const drive = await openDrive({
      prefix,
      eventTimeoutSeconds: 120,
      record: (event) => {
        if (event.type === 'step-started' && event.step === 'Wait on pods ready') {
          restart ??= fault('apiserver', 'restart');
        }
      },
    });
    const slowDown = hurryPods(admin, prefix);
    try {
      const results = [...(await drive.run('deployment', 'deployment_service')).values()];
      await restart;
      for (const result of results) t.diagnostic(describeRun(result));
      assert.ok(restart, 'the API server was restarted');
      assertPassed(results);
    } finally {
      slowDown();
      await restart;
      await drive.close();
    }
  });

  await t.test('API server away for longer than the deadline: failed, in mid-run and at the start', async (t) => {
    let stop: Promise<void> | undefined;
    const drive = await openDrive({
      prefix,
      eventTimeoutSeconds: 6,
      record: (event) => {
        if (event.type === 'step-started' && event.step === 'Create Deployment') stop ??= fault('apiserver', 'stop');
      },
    });
    try {
      const caught = (await drive.run('deployment')).get('deployment');
      await stop;
      const late = (await drive.run('http')).get('http');
      for (const result of [caught, late]) if (result) t.diagnostic(describeRun(result));
      for (const result of [caught, late]) {
        assert.equal(result?.status, 'failed');
        const wrong = result.steps.find(({ findings }) => findings.length > 0);
        assert.equal(wrong?.findings[0]?.code, 'api.max_retries_exceeded');
        assert.equal(result.diagnosis?.component, 'api-server', result.diagnosis?.sentence);
      }
    } finally {
      await fault('apiserver', 'start');
      await drive.close();
    }
    assertPassed(await runHealed(['deployment', 'http'], t.diagnostic.bind(t)));
  });
});
