/** Breaks that a person makes, on the real cluster: each is named rightly, with the time until the first right headline. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import {
  AdmissionregistrationV1Api,
  PatchStrategy,
  RbacAuthorizationV1Api,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { headlineOf } from '../../../runtime/diagnosis/headline.ts';
import type { Component } from '../../../runtime/model/diagnosis.ts';
import type { RunResult } from '../../../runtime/model/result.ts';
import { table } from '../../tables.ts';
import { headlineClock } from '../diagnosis.ts';
import { type Drive, openDrive } from '../drive.ts';
import { type Admin, hurryPods, noCluster, openAdmin, removeNamespaces } from '../kit.ts';

const eventTimeoutSeconds = 8;
const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
const strategic = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);

interface Break {
  readonly what: string;
  /** Also the name of the namespaces: `diag-<key>-<suite>`. */
  readonly key: string;
  readonly component: Component;
  /** Of the headline. */
  readonly part?: string;
  readonly red: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Breaks it, and returns what mends it. */
  make(admin: Admin, drive: Drive): Promise<() => Promise<unknown>>;
}

const nothing = async () => async () => undefined;

const breaks: readonly Break[] = [
  {
    what: 'an image that does not exist',
    key: 'image',
    component: 'registry',
    red: ['deployment', 'deployment_service', 'http'],
    env: { DOCKER_REGISTRY_HOST: 'there-is-none' },
    make: nothing,
  },
  {
    what: 'an exhausted quota',
    key: 'quota',
    component: 'quota',
    part: 'used-up',
    red: ['deployment', 'http'],
    make: async ({ core }, drive) => {
      for (const namespace of namespacesOf(drive, 'deployment', 'http')) {
        await core.createNamespace({ body: { metadata: { name: namespace } } });
        const body = { metadata: { name: 'used-up' }, spec: { hard: { pods: '0' } } };
        await core.createNamespacedResourceQuota({ namespace, body });
        await settled(async () => {
          const { status } = await core.readNamespacedResourceQuota({ name: 'used-up', namespace });
          return status?.hard?.pods === '0';
        });
      }
      return async () => undefined;
    },
  },
  {
    what: 'a validating webhook whose service is dead',
    key: 'webhook',
    component: 'admission',
    part: 'dead.example.com',
    red: ['deployment', 'http'],
    make: async ({ core, config }, drive) => {
      const webhooks = config.makeApiClient(AdmissionregistrationV1Api);
      const labels = { 'diag-webhook': 'yes' };
      for (const name of namespacesOf(drive, 'deployment', 'http'))
        await core.createNamespace({ body: { metadata: { name, labels } } });
      const name = 'diag-webhook';
      const webhook = {
        name: 'dead.example.com',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        failurePolicy: 'Fail',
        timeoutSeconds: 2,
        namespaceSelector: { matchLabels: labels },
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
        clientConfig: { service: { name: 'nobody', namespace: drive.namespaceOf('http'), path: '/' } },
      };
      await webhooks.createValidatingWebhookConfiguration({ body: { metadata: { name }, webhooks: [webhook] } });
      return () => webhooks.deleteValidatingWebhookConfiguration({ name });
    },
  },
  {
    what: 'a node cordoned so that a zone is missing',
    key: 'cordon',
    component: 'capacity',
    part: 'node3',
    red: ['deployment'],
    make: async ({ core }) => {
      const cordon = (unschedulable: boolean) =>
        core.patchNode({ name: 'node3', body: { spec: { unschedulable } } }, merge);
      await cordon(true);
      return () => cordon(false);
    },
  },
  {
    what: 'a process that ignores SIGTERM',
    key: 'sigterm',
    component: 'workload',
    red: ['deployment_scale'],
    make: async (admin, drive) => {
      const slowDown = hurryPods(admin, 'diag-sigterm');
      try {
        await addDeafProcess(admin, drive);
      } finally {
        slowDown();
      }
      return async () => undefined;
    },
  },
];

test('breaks that people make', { skip: noCluster }, async (t) => {
  const rows: string[][] = [];
  for (const one of breaks) await t.test(`${one.what}: ${one.component}`, (t) => diagnosed(t, one, rows));
  await t.test('a removed Role: rbac', (t) => roleRemoved(t, rows));
  table(
    'docs/diagnosis.md',
    'breaks',
    ['break', 'diagnosis', 'red suites', 'first right headline', 'EVENT_TIMEOUT_SECONDS'],
    rows,
  );
});

/** A second container that ignores SIGTERM, which the suite's apply leaves where it is. */
async function addDeafProcess({ apps }: Admin, drive: Drive): Promise<void> {
  const [namespace] = namespacesOf(drive, 'deployment_scale') as [string];
  const patient = await openDrive({ prefix: 'diag-sigterm' });
  await patient.stand('deployment_scale').finally(() => patient.close());
  const command = ['sh', '-c', "trap '' TERM; while :; do sleep 1; done"];
  const deaf = { name: 'deaf', image: 'busybox:1.36', command };
  const name = drive.config.testDeployment;
  const body = { spec: { template: { spec: { containers: [deaf] } } } };
  await apps.patchNamespacedDeployment({ name, namespace, body }, strategic);
  await settled(async () => {
    const { metadata, status } = await apps.readNamespacedDeployment({ name, namespace });
    const { observedGeneration = 0, updatedReplicas, readyReplicas, replicas } = status ?? {};
    const isSeen = observedGeneration >= (metadata?.generation ?? 0);
    return isSeen && [updatedReplicas, readyReplicas, replicas].every((number) => number === drive.config.replicas);
  }, 180);
}

async function diagnosed(t: TestContext, one: Break, rows: string[][]): Promise<void> {
  const clock = headlineClock(one.component);
  const prefix = `diag-${one.key}`;
  const drive = await openDrive({ prefix, eventTimeoutSeconds, env: one.env, record: clock.record });
  const admin = openAdmin();
  t.after(async () => {
    await drive.close();
    await removeNamespaces(admin, prefix);
    await admin.close();
  });
  const mend = await one.make(admin, drive);
  let results: ReadonlyMap<string, RunResult>;
  try {
    clock.start();
    results = await drive.run(...one.red);
  } finally {
    await mend();
  }
  judge(t, one, [...results.values()]);
  rows.push([one.what, nameOf(one), one.red.join(', '), seconds(clock.afterMs), String(eventTimeoutSeconds)]);
}

/** By a service account of its own, whose right to write ConfigMaps is taken away. */
async function roleRemoved(t: TestContext, rows: string[][]): Promise<void> {
  const admin = openAdmin();
  const prefix = 'diag-rbac';
  const namespace = `${prefix}-deployment`;
  const folder = await mkdtemp(join(tmpdir(), 'diag-'));
  const clock = headlineClock('rbac');
  const path = await limitedKubeconfig(admin, namespace, folder);
  const env = { KUBECONFIG: path, CREATE_NAMESPACES: 'false' };
  const drive = await openDrive({ prefix, eventTimeoutSeconds, env, record: clock.record });
  t.after(async () => {
    await drive.close();
    await removeNamespaces(admin, prefix);
    await admin.close();
    await rm(folder, { recursive: true });
  });
  await admin.config.makeApiClient(RbacAuthorizationV1Api).deleteNamespacedRole({ name: 'tester', namespace });
  clock.start();
  const results = [...(await drive.run('deployment')).values()];
  judge(t, { component: 'rbac', part: 'leases', red: ['deployment'] }, results);
  rows.push(['a removed Role', 'rbac (leases)', 'deployment', seconds(clock.afterMs), String(eventTimeoutSeconds)]);
}

async function limitedKubeconfig({ core, config }: Admin, namespace: string, folder: string): Promise<string> {
  const rbac = config.makeApiClient(RbacAuthorizationV1Api);
  const metadata = { name: 'tester' };
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  await core.createNamespacedServiceAccount({ namespace, body: { metadata } });
  const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
  await rbac.createNamespacedRole({ namespace, body: { metadata, rules } });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'tester' };
  const subjects = [{ kind: 'ServiceAccount', name: 'tester', namespace }];
  await rbac.createNamespacedRoleBinding({ namespace, body: { metadata, roleRef, subjects } });
  const { status } = await core.createNamespacedServiceAccountToken({
    name: 'tester',
    namespace,
    body: { spec: { audiences: [] } },
  });
  const cluster = config.getCurrentCluster();
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: cluster?.server, 'certificate-authority-data': cluster?.caData } }],
    users: [{ name: 'u', user: { token: status?.token } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace } }],
    'current-context': 'x',
  };
  const path = join(folder, 'kubeconfig');
  writeFileSync(path, JSON.stringify(kubeconfig));
  return path;
}

function judge(
  t: TestContext,
  { component, part, red }: Pick<Break, 'component' | 'part' | 'red'>,
  results: readonly RunResult[],
): void {
  for (const { suite, diagnosis } of results) t.diagnostic(`${suite}: ${diagnosis?.rule}: ${diagnosis?.sentence}`);
  assert.deepEqual(
    results.map(({ suite, diagnosis }) => [suite, diagnosis?.component]),
    red.map((suite) => [suite, component]),
  );
  const headline = headlineOf(results);
  assert.equal(headline?.component, component);
  assert.equal(headline?.part, part);
  assert.deepEqual(headline?.unexplained, []);
}

function namespacesOf(drive: Drive, ...suites: readonly string[]): readonly string[] {
  return suites.map((suite) => drive.namespaceOf(suite));
}

async function settled(look: () => Promise<boolean>, limitS = 30): Promise<void> {
  const until = performance.now() + limitS * 1000;
  while (!(await look())) {
    if (performance.now() > until) throw new Error(`not settled within ${limitS} s`);
    await pause(200);
  }
}

function nameOf({ component, part }: Pick<Break, 'component' | 'part'>): string {
  return part ? `${component} (${part})` : component;
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? 'none' : `${(ms / 1000).toFixed(1)} s`;
}
