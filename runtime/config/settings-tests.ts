/** What the tests make, and how long results count. */
import { labels } from './labels.ts';
import type { Setting } from './setting.ts';
import { tolerations } from './tolerations.ts';
import * as a from './values.ts';

export const testSettings = {
  TIME_TO_REPORT_PROBLEM: {
    default: '20',
    unit: 'minutes',
    description:
      'Without a result for that long the page and /health say stale; for a suite with a longer schedule twice the longest gap between its runs',
    example: '20',
    parse: a.number(0.01, 10_080, { unit: 'minutes' }),
  },
  SECONDS_BETWEEN_RUNS: {
    default: '0.0',
    unit: 'seconds',
    description:
      'Pause after a run before the next of the same suite, which starts at most once a second; 5 in the sandbox',
    example: '300',
    parse: a.number(0, 604_800, { unit: 'seconds' }),
  },
  TEST_NAMESPACE: {
    default: 'kubee2etests',
    description:
      'Namespace of the test objects: as it is in a process that serves one suite, else with -<suite> behind it; or with {suite} filled in',
    example: 'kube-e2etests-{suite}',
    parse: a.namespacePattern,
  },
  TEST_DEPLOYMENT: {
    default: 'kubee2etestapp',
    description: 'Name of the test Deployment and of its ConfigMap',
    example: 'kubee2etestapp',
    parse: a.objectName(),
  },
  TEST_SERVICE: {
    default: 'kubee2etests',
    description: 'Name of the test Service',
    example: 'kubee2etests',
    parse: a.objectName({ startsWithLetter: true }),
  },
  TEST_REPLICAS: {
    default: '3',
    description: 'Pods of the test Deployment',
    example: '3',
    parse: a.number(1, 100, { whole: true }),
  },
  TEST_POD_SECURITY: {
    default: 'baseline',
    description: 'Pod Security level the test pods fit: baseline or restricted',
    example: 'restricted',
    parse: a.oneOf({ baseline: 'baseline', restricted: 'restricted' } as const),
  },
  TEST_TOLERATIONS: {
    default: '',
    description:
      'Taints the test pods tolerate: key=value:effect with commas between them, or a JSON list of tolerations',
    example: 'dedicated=apps:NoSchedule',
    parse: tolerations,
  },
  TEST_NODE_SELECTOR: {
    default: '{}',
    description:
      'Labels that the nodes of the test pods have, as JSON or a Python dict; kubernetes.io/os: linux is added',
    example: '{"pool": "apps"}',
    parse: (value: string) => labels(value, 'of nodes'),
  },
  TEST_LABELS: {
    default: '{}',
    description:
      'Labels on everything that is made: namespaces, Leases, Deployments, pods, Services, ConfigMaps; as JSON or a Python dict',
    example: '{"owner": "platform"}',
    parse: (value: string) => labels(value, 'all objects'),
  },
  IMAGE_PULL_POLICY: {
    default: '',
    description: 'imagePullPolicy of the test pods: Always, IfNotPresent or Never; unset: IfNotPresent',
    example: 'Always',
    parse: a.oneOf({ Always: 'Always', IfNotPresent: 'IfNotPresent', Never: 'Never' } as const),
  },
  ANTI_AFFINITY_KEY: {
    default: 'topology.kubernetes.io/zone',
    description: 'Node label of which no two test pods may share a value',
    example: 'kubernetes.io/hostname',
    parse: (key) => Object.keys(labels(JSON.stringify({ [key]: 'hello-minikube' })))[0] ?? key,
  },
  CUSTOM_TEST_DEPLOYMENT_LABELS: {
    default: '{}',
    description: 'Labels added to app: hello-minikube on the test Deployment, as JSON or a Python dict',
    example: '{"team":"core"}',
    parse: (value: string) => labels(value),
  },
  CUSTOM_TEST_DEPLOYMENT_TEMPLATE_LABELS: {
    default: '{}',
    description: 'The same on its pods',
    example: '{"team":"core"}',
    parse: (value: string) => labels(value),
  },
  DOCKER_REGISTRY_HOST: {
    default: '',
    description: 'Registry that every test image is pulled from, with a port and a path where it has them',
    example: 'registry.example.com:5000/mirror',
    parse: a.imageRegistry,
  },
  IMAGE_PULL_SECRETS: {
    default: '',
    description: 'Secrets, with commas between them, that must exist in every test namespace',
    example: 'registry-login',
    parse: a.list(a.subdomain),
  },
  CREATE_NAMESPACES: {
    default: 'false',
    description: 'Create a missing test namespace instead of ending the run as errored',
    example: 'true',
    parse: a.toggle,
  },
} as const satisfies Record<string, Setting<unknown>>;
