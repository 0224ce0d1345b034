/** What is set up wrongly ends in a clear message and in the verdict that is fair; never in a crash, never in a hang. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { RunResult, Verdict } from '../../runtime/model/result.ts';
import { kubeconfigOf } from '../api-server.ts';
import { startRecorder } from '../deploy/requests.ts';
import { eventually } from '../eventually.ts';
import { openDrive } from './drive.ts';
import { type Admin, namespacesSettled, noCluster, openAdmin, removeNamespaces } from './kit.ts';
import { describeRun } from './say.ts';

const prefix = 'verdicts';

interface Expected {
  readonly status: Verdict;
  readonly step: string;
  readonly code: string;
  readonly message: RegExp;
}

function assertVerdict(result: RunResult, { status, step, code, message }: Expected): void {
  const seen = describeRun(result);
  const wrong = result.steps.find(({ findings }) => findings.length > 0);
  assert.equal(result.status, status, seen);
  assert.equal(wrong?.name, step, seen);
  assert.equal(wrong?.findings[0]?.code, code, seen);
  assert.match(wrong?.findings[0]?.message ?? '', message);
}

/** Listens on a free port, which it returns, and does `next` with the server. */
async function portOf(server: Server, next: (server: Server) => void): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  next(server);
  return port;
}

test('verdicts', { skip: noCluster, concurrency: true }, async (t) => {
  let admin: Admin;
  let folder: string;
  before(async () => {
    admin = openAdmin();
    await namespacesSettled(admin, prefix);
    folder = mkdtempSync(join(tmpdir(), 'verdicts-'));
  });
  after(async () => {
    await removeNamespaces(admin, prefix);
    await admin?.close();
    rmSync(folder, { recursive: true });
  });

  const runOnce = async (suite: string, namespace: string, env: Record<string, string> = {}): Promise<RunResult> => {
    const drive = await openDrive({ prefix: `${prefix}-${namespace}-{suite}`, eventTimeoutSeconds: 12, env });
    try {
      return (await drive.run(suite)).get(suite) as RunResult;
    } finally {
      await drive.close();
    }
  };

  /** A kubeconfig like ours for another server or with a token instead of our certificate. */
  const kubeconfig = (name: string, { server, token }: { server?: string; token?: string }): string => {
    const { config } = admin;
    const cluster = config.getCurrentCluster();
    const path = join(folder, name);
    const text = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'test',
          cluster: { server: server ?? cluster?.server, 'certificate-authority-data': cluster?.caData },
        },
      ],
      users: [{ name: 'test', user: { token: token ?? 'none' } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      'current-context': 'test',
    };
    writeFileSync(path, JSON.stringify(text));
    return path;
  };

  const makeNamespace = async (name: string, finalizers: string[] = []): Promise<string> => {
    await admin.core.createNamespace({ body: { metadata: { name, finalizers } } });
    return name;
  };

  /** A kubeconfig of a service account that may do what `rules` say in its namespace, and nothing else. */
  const accountOf = async (
    namespace: string,
    rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[],
  ) => {
    const metadata = { name: 'tester', namespace };
    await admin.core.createNamespacedServiceAccount({ namespace, body: { metadata } });
    await admin.rbac.createNamespacedRole({ namespace, body: { metadata, rules } });
    const subjects = [{ kind: 'ServiceAccount', ...metadata }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'tester' };
    await admin.rbac.createNamespacedRoleBinding({ namespace, body: { metadata, subjects, roleRef } });
    const body = { spec: { audiences: [], expirationSeconds: 3600 } };
    const { status } = await admin.core.createNamespacedServiceAccountToken({ name: 'tester', namespace, body });
    return kubeconfig(namespace, { token: status?.token });
  };

  await Promise.all([
    t.test(
      'an API server that never answered this process is ours to mend: refused, or accepted and silent',
      async (t) => {
        const closed = await portOf(createServer(), (server) => server.close());
        const silent = await portOf(createServer(), (server) => t.after(() => server.close()));
        const began = performance.now();
        for (const [name, port, why] of [
          ['refused', closed, /cannot reach https:\/\/127\.0\.0\.1:\d+: ECONNREFUSED/],
          ['silent', silent, /cannot reach https:\/\/127\.0\.0\.1:\d+: no answer in time/],
        ] as const) {
          const path = kubeconfig(name, { server: `https://127.0.0.1:${port}` });
          assertVerdict(await runOnce('service', name, { KUBECONFIG: path }), {
            status: 'errored',
            step: 'Take the namespace',
            code: 'k8s.prerequisite_missing',
            message: why,
          });
        }
        assert.ok(performance.now() - began < 60_000);
      },
    ),

    t.test('an API server that has answered and then refuses connections is the fault of the cluster', async (t) => {
      const { server = '', caData = '' } = admin.config.getCurrentCluster() ?? {};
      const { certData = '', keyData = '' } = admin.config.getCurrentUser() ?? {};
      const [ca, cert, key] = [caData, certData, keyData].map((data) => Buffer.from(data, 'base64'));
      const recorder = await startRecorder({ server, ca: ca!, cert, key }, ({ verb, resource }) => {
        if (verb === 'create' && resource === '/services') recorder.close();
      });
      t.after(() => recorder.close());
      const path = join(folder, 'gone');
      writeFileSync(path, kubeconfigOf(recorder.url, 'default'));
      const result = await runOnce('service', 'gone', { KUBECONFIG: path });
      assert.equal(result.status, 'failed', describeRun(result));
      const codes = result.steps.flatMap(({ findings }) => findings.map(({ code }) => code));
      assert.equal(codes[0], 'api.max_retries_exceeded', describeRun(result));
    }),

    t.test('a token that is not accepted is ours to mend', async () => {
      const path = kubeconfig('token', { token: 'expired-long-ago' });
      assertVerdict(await runOnce('service', 'token', { KUBECONFIG: path }), {
        status: 'errored',
        step: 'Take the namespace',
        code: 'api.unauthorized',
        message: /401 Unauthorized/,
      });
    }),

    t.test('a missing namespace is named with the manifest that makes it', async () => {
      assertVerdict(await runOnce('deployment', 'missing', { CREATE_NAMESPACES: 'false' }), {
        status: 'errored',
        step: 'Take the namespace',
        code: 'k8s.prerequisite_missing',
        message: /Namespace verdicts-missing-deployment does not exist: apply manifests\/namespaces.yaml/,
      });
    }),

    t.test('a namespace that is being deleted is waited for by nobody', async () => {
      const name = await makeNamespace(`${prefix}-going-service`, ['kube-e2etests.io/test']);
      try {
        await admin.core.deleteNamespace({ name });
        assertVerdict(await runOnce('service', 'going'), {
          status: 'errored',
          step: 'Take the namespace',
          code: 'k8s.prerequisite_missing',
          message: /Namespace verdicts-going-service is being deleted/,
        });
      } finally {
        const body = [{ op: 'remove', path: '/metadata/finalizers' }];
        await admin.core.patchNamespace({ name, body });
      }
    }),

    t.test('an account without any right is ours to mend', async () => {
      const path = await accountOf(await makeNamespace(`${prefix}-norights-service`), []);
      assertVerdict(await runOnce('service', 'norights', { KUBECONFIG: path }), {
        status: 'errored',
        step: 'Take the namespace',
        code: 'api.forbidden',
        message:
          /leases.coordination.k8s.io is forbidden: User "system:serviceaccount:verdicts-norights-service:tester"/,
      });
    }),

    t.test('an account that lacks one right names it', async () => {
      const rules = [
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['*'] },
        { apiGroups: [''], resources: ['configmaps'], verbs: ['*'] },
      ];
      const path = await accountOf(await makeNamespace(`${prefix}-somerights-deployment`), rules);
      assertVerdict(await runOnce('deployment', 'somerights', { KUBECONFIG: path }), {
        status: 'errored',
        step: 'Create Deployment',
        code: 'api.forbidden',
        message: /cannot create resource "deployments"/,
      });
    }),

    t.test('a quota without room for an object is ours to mend', async () => {
      const namespace = await makeNamespace(`${prefix}-full-service`);
      const hard = { 'count/services': '0' };
      await admin.core.createNamespacedResourceQuota({
        namespace,
        body: { metadata: { name: 'tight' }, spec: { hard } },
      });
      // Admission sees a new quota a moment later than its maker.
      const body = { metadata: { name: 'probe' }, spec: { ports: [{ port: 80 }] } };
      const isRefused = () =>
        admin.core.createNamespacedService({ namespace, body, dryRun: 'All' }).then(
          () => false,
          () => true,
        );
      await eventually('the quota counts', 20_000, isRefused, (refused) => refused);
      assertVerdict(await runOnce('service', 'full'), {
        status: 'errored',
        step: 'Create Service',
        code: 'api.forbidden',
        message: /exceeded quota: tight/,
      });
    }),

    t.test("a quota without room for the pods is ours to mend, in the controller's own words", async () => {
      const namespace = await makeNamespace(`${prefix}-podless-deployment`);
      const body = { metadata: { name: 'tight' }, spec: { hard: { pods: '1' } } };
      await admin.core.createNamespacedResourceQuota({ namespace, body });
      assertVerdict(await runOnce('deployment', 'podless'), {
        status: 'errored',
        step: 'Wait on pod scheduling',
        code: 'k8s.replica_failure',
        message: /the controller cannot make pods: .*exceeded quota: tight/,
      });
    }),
  ]);
});
