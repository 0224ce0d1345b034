/** Breaks that nobody meets but whoever made them: all at once, each in namespaces of its own. */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import {
  AdmissionregistrationV1Api,
  PatchStrategy,
  RbacAuthorizationV1Api,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { table } from '../tables.ts';
import { type Break, breaksHead, diagnosed, eventTimeoutSeconds, judge, rowOf } from './breaks.ts';
import { headlineClock } from './diagnosis.ts';
import { type Drive, openDrive } from './drive.ts';
import { type Admin, hurryPods, noCluster, openAdmin, removeNamespaces } from './kit.ts';

const strategic = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);

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

describe('breaks that people make', { skip: noCluster, concurrency: 3 }, () => {
  const rows: (readonly string[])[] = [];
  for (const [index, one] of breaks.entries()) {
    test(`${one.what}: ${one.component}`, async (t) => {
      rows[index] = await diagnosed(t, one);
    });
  }
  test('a removed Role: rbac', async (t) => {
    rows[breaks.length] = await roleRemoved(t);
  });
  after(() => table('docs/diagnosis.md', 'breaks', breaksHead, rows));
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

/** By a service account of its own, whose right to write ConfigMaps is taken away. */
async function roleRemoved(t: TestContext): Promise<readonly string[]> {
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
  const named = { what: 'a removed Role', component: 'rbac', part: 'leases', red: ['deployment'] } as const;
  judge(t, named, results);
  return rowOf(named, clock.afterMs);
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
