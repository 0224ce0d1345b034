/** What a suite says it checks it does check: each goes red when that very thing is broken, here by a second writer. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { DiscoveryV1Api, type V1Endpoints } from '@kubernetes/client-node';
import { deployment } from '../../runtime/index.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import type { Suite } from '../../runtime/model/suite.ts';
import { afterStep, type Drive, keepsItsObjects, openDrive, patience } from './drive.ts';
import { type Admin, hurryPods, namespacesSettled, noCluster, openAdmin, removeNamespaces } from './kit.ts';
import { assertFailedAt, assertPassed } from './say.ts';

const prefix = 'honest';
const app = 'kubee2etestapp';
const name = 'kubee2etests';

type Config = Readonly<Record<string, string>>;

test('honest checks', { skip: noCluster, concurrency: true }, async (t) => {
  let admin: Admin;
  let slowDown: () => void;
  before(async () => {
    admin = openAdmin();
    await namespacesSettled(admin, prefix);
    slowDown = hurryPods(admin, prefix);
  });
  after(async () => {
    slowDown?.();
    await removeNamespaces(admin, prefix);
    await admin?.close();
  });

  interface Broken {
    readonly drive: Drive;
    /** With time for what nothing hinders. */
    readonly patient: Drive;
    readonly suite: Suite;
    readonly namespace: string;
  }
  /**
   * The suite in a namespace of its own, run by `attempt`. What it keeps stands before: `seconds`, EVENT_TIMEOUT_SECONDS, are
   * for what is broken.
   */
  const inPlace = async (
    suite: string,
    attempt: (broken: Broken) => Promise<RunResult>,
    {
      env,
      title = suite.replaceAll('_', '-'),
      seconds = 40,
    }: { env?: Record<string, string>; title?: string; seconds?: number } = {},
  ): Promise<RunResult> => {
    const place = { prefix: `${prefix}-${title}-{suite}`, env };
    const patient = await openDrive(place);
    const drive = await openDrive({ ...place, eventTimeoutSeconds: seconds });
    try {
      if (keepsItsObjects(suite)) await patient.stand(suite);
      return await attempt({ drive, patient, suite: drive.suite(suite), namespace: drive.namespaceOf(suite) });
    } finally {
      await Promise.all([drive.close(), patient.close()]);
    }
  };

  /** The controller makes them a moment after the service. */
  const endpointsOf = async (namespace: string): Promise<V1Endpoints> => {
    for (;;) {
      const { items } = await admin.core.listNamespacedEndpoints({ namespace, fieldSelector: `metadata.name=${name}` });
      if (items[0]) return items[0];
      await pause(50);
    }
  };

  /**
   * A foreign address among the endpoints, where traffic goes by it: a slice with the service's label that no controller made;
   * before 1.21 the Endpoints object, which the controller leaves until a pod or the service changes.
   */
  const plantEndpoint = async (namespace: string) => {
    const endpoints = [{ addresses: ['10.244.9.9'], conditions: { ready: true } }];
    const planted = {
      metadata: { name: 'planted', labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: '', port: 8080, protocol: 'TCP' }],
      endpoints,
    };
    const slices = admin.config.makeApiClient(DiscoveryV1Api);
    const served = await slices.getAPIResources().then(
      () => true,
      (error: { code?: number }) => (error.code === 404 ? false : Promise.reject(error)),
    );
    if (served) {
      await slices.createNamespacedEndpointSlice({ namespace, body: planted });
      return;
    }
    const body = { subsets: [{ addresses: [{ ip: '10.244.9.9' }], ports: [{ port: 8080 }] }] };
    const there = await endpointsOf(namespace);
    const subsets = [...(there.subsets ?? []), ...body.subsets];
    await admin.core.replaceNamespacedEndpoints({ name, namespace, body: { ...there, subsets } });
  };

  /** Changes the ConfigMap and starts the pods anew, so that they hold what it says now; `ensure` mends only the object. */
  const startChanged = async (patient: Drive, suite: string, change: (data: Config) => Config) => {
    const namespace = patient.namespaceOf(suite);
    await changeConfig(namespace, change);
    await admin.core.deleteCollectionNamespacedPod({ namespace, gracePeriodSeconds: 0 });
    const waited = await patient.runWhenFree({
      ...patient.suite(suite),
      steps: ['Wait'],
      run: (t) => t.step('Wait', async () => void (await (await t.ensure(deployment())).podsReady())),
    });
    assertPassed([waited]);
  };

  const changeConfig = async (namespace: string, change: (data: Config) => Config) => {
    const there = await admin.core.readNamespacedConfigMap({ name: app, namespace });
    const body = { ...there, data: change(there.data ?? {}) };
    await admin.core.replaceNamespacedConfigMap({ name: app, namespace, body });
  };

  await Promise.all([
    t.test('deployment_service: a foreign endpoint is found', async () => {
      const result = await inPlace('deployment_service', ({ drive, suite, namespace }) =>
        drive.runWhenFree(afterStep(suite, 'Wait on pods ready', () => plantEndpoint(namespace))),
      );
      assertFailedAt(result, 'Read service endpoints (N)', 'k8s.service_endpoint_count_wrong');
      assert.match(result.steps.flatMap(({ findings }) => findings)[0]?.message ?? '', /10\.244\.9\.9/);
    }),

    t.test('service: an endpoint where none may be is found', async () => {
      const result = await inPlace('service', ({ drive, suite, namespace }) => {
        const planted = afterStep(suite, 'Check Service exists', async () => {
          await plantEndpoint(namespace);
        });
        return drive.runWhenFree(planted);
      });
      assertFailedAt(result, 'Read service endpoints (0)', 'k8s.service_endpoint_count_wrong');
    }),

    t.test('service: a service that vanished is found', async () => {
      const result = await inPlace(
        'service',
        ({ drive, suite, namespace }) =>
          drive.runWhenFree(
            afterStep(suite, 'Create Service', () => admin.core.deleteNamespacedService({ name, namespace })),
          ),
        { title: 'vanished' },
      );
      assertFailedAt(result, 'Check Service exists', 'api.not_found');
    }),

    t.test('namespace: an object in the new namespace is found', async () => {
      const body = { metadata: { name: 'planted' }, spec: { ports: [{ port: 80 }] } };
      const result = await inPlace('namespace', ({ drive, suite, namespace }) =>
        drive.runWhenFree(
          afterStep(suite, 'Check Namespace exists', () => admin.core.createNamespacedService({ namespace, body })),
        ),
      );
      assertFailedAt(result, 'Check namespace empty', 'k8s.not_empty');
    }),

    t.test('deployment: pods that run but are not Ready do not count', async () => {
      const attempt = ({ drive, suite, namespace }: Broken) => {
        const sick = (data: Config) => ({
          ...data,
          'nginx.conf': (data['nginx.conf'] ?? '').replace('return 200;', 'return 503;'),
        });
        return drive.runWhenFree(afterStep(suite, 'Create ConfigMap', () => changeConfig(namespace, sick)));
      };
      // Long enough for the pods to run.
      const result = await inPlace('deployment', attempt, { seconds: 60 });
      assertFailedAt(result, 'Wait on pods ready', 'timeout.waiting_on_phase');
      assert.match(result.steps.flatMap(({ findings }) => findings)[0]?.message ?? '', /running but not Ready/);
    }),

    t.test('deployment: nodes without the zone label are found', async () => {
      const result = await inPlace('deployment', ({ drive, suite }) => drive.runWhenFree(suite), {
        title: 'unzoned',
        env: { ANTI_AFFINITY_KEY: 'example.com/rack' },
        seconds: patience,
      });
      const zones = result.steps.find((step) => step.name === 'Check pods on different data centres');
      assert.deepEqual(new Set(zones?.findings.map(({ code }) => code)), new Set(['k8s.no_zone_label_on_node']));
    }),

    t.test('deployment_scale: a pod that does not go is found', async () => {
      const result = await inPlace('deployment_scale', async ({ drive, suite, namespace }) => {
        const pods = { namespace, labelSelector: 'app=hello-minikube' };
        const finalizers = ['kube-e2etests.io/test'];
        const hold = async () => {
          const pod = (await admin.core.listNamespacedPod(pods)).items[0]?.metadata?.name ?? '';
          const body = [{ op: 'add', path: '/metadata/finalizers', value: finalizers }];
          await admin.core.patchNamespacedPod({ name: pod, namespace, body });
        };
        try {
          return await drive.runWhenFree(afterStep(suite, 'Ensure Deployment', hold));
        } finally {
          const held = (await admin.core.listNamespacedPod(pods)).items.filter((pod) => pod.metadata?.finalizers);
          const body = [{ op: 'remove', path: '/metadata/finalizers' }];
          for (const { metadata } of held)
            await admin.core.patchNamespacedPod({ name: metadata?.name ?? '', namespace, body });
        }
      });
      assertFailedAt(result, 'Watch pod deletion', 'k8s.not_deleted');
    }),

    t.test('http: another page than the one that was put there is found', async () => {
      const result = await inPlace('http', async ({ drive, patient, suite }) => {
        await startChanged(patient, 'http', (data) => ({ ...data, 'index.html': 'somebody else was here\n' }));
        return drive.runWhenFree(suite);
      });
      assertFailedAt(result, 'HTTP request each pod', 'http.wrong_response');
    }),

    t.test('http: pods that write no log are found', async () => {
      const result = await inPlace(
        'http',
        async ({ drive, patient, suite }) => {
          const off = (text = '') => text.replace('access_log /dev/stdout combined;', 'access_log off;');
          await startChanged(patient, 'http', (data) => ({ ...data, 'nginx.conf': off(data['nginx.conf']) }));
          return drive.runWhenFree(suite);
        },
        { title: 'mute' },
      );
      assertFailedAt(result, 'Validate pod logs', 'k8s.log_incorrect');
    }),

    t.test('dns: a name that does not exist is found', async () => {
      const result = await inPlace('dns', ({ drive, suite }) => drive.runWhenFree(suite), {
        env: { DNS_QUERY_NAME: 'nobody.default.svc.cluster.local' },
      });
      assertFailedAt(result, 'Resolve nobody.default.svc.cluster.local', 'dns.nxdomain');
    }),
  ]);
});
