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
      'A suite without a result for this long is stale. With a longer schedule it is twice the longest gap between its runs',
    example: '20',
    parse: a.number(0.01, 10_080, { unit: 'minutes' }),
  },
  SECONDS_BETWEEN_RUNS: {
    default: '0.0',
    unit: 'seconds',
    description: 'Pause between two runs of a suite. A suite starts at most once a second. Default in the sandbox: 5',
    example: '300',
    parse: a.number(0, 604_800, { unit: 'seconds' }),
  },
  TEST_NAMESPACE: {
    default: 'kubee2etests',
    description:
      'Namespace of the test objects. With several suites, -<suite> is appended. {suite} is replaced by the name of the suite',
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
    description: 'Number of pods of the test Deployment',
    example: '3',
    parse: a.number(1, 100, { whole: true }),
  },
  TEST_POD_SECURITY: {
    default: 'baseline',
    description: 'Pod Security level of the test pods: baseline or restricted',
    example: 'restricted',
    parse: a.oneOf({ baseline: 'baseline', restricted: 'restricted' } as const),
  },
  TEST_TOLERATIONS: {
    default: '',
    description:
      'Taints that the test pods tolerate: key=value:effect, separated by commas, or a JSON list of tolerations',
    example: 'dedicated=apps:NoSchedule',
    parse: tolerations,
  },
  TEST_NODE_SELECTOR: {
    default: '{}',
    description:
      'Node labels that the test pods require, as JSON or a Python dict. kubernetes.io/os: linux is always added',
    example: '{"pool": "apps"}',
    parse: (value: string) => labels(value, 'of nodes'),
  },
  TEST_LABELS: {
    default: '{}',
    description:
      'Labels for everything that is created, as JSON or a Python dict: namespaces, Leases, Deployments, pods, Services, ConfigMaps',
    example: '{"owner": "platform"}',
    parse: (value: string) => labels(value, 'all objects'),
  },
  IMAGE_PULL_POLICY: {
    default: '',
    description: 'imagePullPolicy of the test pods: Always, IfNotPresent or Never. Default: IfNotPresent',
    example: 'Always',
    parse: a.oneOf({ Always: 'Always', IfNotPresent: 'IfNotPresent', Never: 'Never' } as const),
  },
  AGENT_IMAGE: {
    default: '',
    description:
      'Image of this tool, by its whole name, that node_mesh runs on every node. Default: none, and node_mesh is unsupported; the sandbox has its own',
    example: 'registry.example.com/kube-e2etests:1.2.3',
    parse: a.imageName,
  },
  INGRESS_CLASS: {
    default: '',
    description: "IngressClass of the Ingress that the ingress suite makes. Default: the cluster's default class",
    example: 'nginx-internal',
    parse: a.subdomain,
  },
  GATEWAY: {
    default: '',
    description:
      'A shared Gateway to which the gateway suite attaches its route, as namespace/name. Default: the suite has one of its own, of an accepted GatewayClass',
    example: 'gateways/internal',
    parse: a.namespacedName,
  },
  ANTI_AFFINITY_KEY: {
    default: 'topology.kubernetes.io/zone',
    description: 'Node label over which the test pods are spread: no two of them may share a value',
    example: 'kubernetes.io/hostname',
    parse: (key) => Object.keys(labels(JSON.stringify({ [key]: 'hello-minikube' })))[0] ?? key,
  },
  CUSTOM_TEST_DEPLOYMENT_LABELS: {
    default: '{}',
    description: 'Labels of the test Deployment, besides app: hello-minikube, as JSON or a Python dict',
    example: '{"team":"core"}',
    parse: (value: string) => labels(value),
  },
  CUSTOM_TEST_DEPLOYMENT_TEMPLATE_LABELS: {
    default: '{}',
    description: 'The same for its pods',
    example: '{"team":"core"}',
    parse: (value: string) => labels(value),
  },
  DOCKER_REGISTRY_HOST: {
    default: '',
    description: 'Registry for all test images, with port and path where needed',
    example: 'registry.example.com:5000/mirror',
    parse: a.imageRegistry,
  },
  IMAGE_PULL_SECRETS: {
    default: '',
    description: 'Names of image pull Secrets, separated by commas. They must exist in every test namespace',
    example: 'registry-login',
    parse: a.list(a.subdomain),
  },
  CREATE_NAMESPACES: {
    default: 'false',
    description: 'Create missing test namespaces. Otherwise a run without its namespace is errored',
    example: 'true',
    parse: a.toggle,
  },
} as const satisfies Record<string, Setting<unknown>>;
