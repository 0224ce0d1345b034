/** Every fault: what it is in a real cluster, and what it breaks. Each hooks in where its name is asked for. */
import { type Fault, modes, namespaced, plurals, seconds, share, verbs } from './fault.ts';
import { routeFaults } from './routes.ts';

const table = {
  // DNS
  'dns-nxdomain': { description: 'DNS says that no name exists', breaks: 'every look-up' },
  'dns-timeout': { description: 'DNS does not answer', breaks: 'every look-up' },
  'dns-servfail': { description: 'DNS answers SERVFAIL', breaks: 'every look-up' },

  // scheduler
  'scheduler-down': {
    description: 'The scheduler is stopped',
    breaks: 'new pods never get a node, nor a PodScheduled condition',
  },
  'pods-on-one-node': {
    description: 'The scheduler ignores anti-affinity and puts every new pod on one node',
    breaks: 'the spread of new pods over nodes and zones',
    options: { node: 'node1' },
    allowed: { node: 'node' },
  },
  'pods-in-one-zone': {
    description: 'Every node says it is in the same zone, and the scheduler ignores anti-affinity',
    breaks: 'the spread of new pods over zones',
    options: { zone: 'zone-1' },
  },
  'nodes-without-zone': { description: 'The nodes have lost their zone labels', breaks: 'every statement about zones' },

  // kubelet and container runtime
  'kubelet-down': {
    description: 'The kubelet of a node is stopped; standing containers run on',
    breaks: 'new and deleted pods on that node; after a while the node is NotReady',
    options: { node: 'node2' },
    allowed: { node: 'node' },
  },
  'kubelet-slow': {
    description: 'Containers take long to start',
    breaks: 'nothing for good; new pods are late',
    options: { seconds: 20 },
    allowed: { seconds },
  },
  'image-pull-fails': {
    description: 'The image registry does not answer',
    breaks: 'new pods: ErrImagePull, then ImagePullBackOff',
  },
  'crash-loop': { description: 'Containers end right after their start', breaks: 'new pods: CrashLoopBackOff' },
  'readiness-never': { description: 'Readiness probes fail', breaks: 'new pods run and never become ready' },
  'pods-never-die': { description: 'Kubelets do not stop containers', breaks: 'deleted pods stay in Terminating' },
  'wrong-content': { description: 'Pods serve another page than their files say', breaks: 'the body of every answer' },
  'content-stale': {
    description: 'A changed ConfigMap never reaches pods, not even new ones',
    breaks: 'new pods serve the page that was there before the update',
  },
  'logs-empty': { description: 'The log of every pod is empty', breaks: 'logs' },
  'logs-stale': { description: 'Pod logs stop where they were', breaks: 'lines written since' },

  // controllers
  'deployment-controller-down': {
    description: 'The deployment controller is stopped',
    breaks: 'new, changed and scaled deployments: nothing happens',
  },
  'rollout-stuck': {
    description: 'The deployment controller does not go on with rolling updates',
    breaks: 'updates: old pods stay, new ones never come',
  },
  'old-pods-linger': {
    description: 'The replica set controller leaves pods of an old template behind',
    breaks: 'the end of a rolling update: old pods run on beside the new ones, owned by nobody',
  },
  'endpoints-controller-down': {
    description: 'The endpoints and the endpoint slice controller are stopped',
    breaks: 'new services get no Endpoints, and those of standing ones are not kept up',
  },
  'endpoints-stale': {
    description: 'Endpoints, once filled, are not kept up',
    breaks: 'services lead to pods that are gone',
  },
  'disruption-controller-down': {
    description: 'The disruption controller is stopped',
    breaks: 'PodDisruptionBudgets: their status does not follow their pods, and drains hang',
  },
  'namespace-stuck': {
    description: 'The namespace controller is stopped',
    breaks: 'deleted namespaces stay in Terminating',
  },

  // storage
  'provisioner-down': {
    description: 'The provisioner of volumes is stopped',
    breaks: 'claims: new ones stay Pending, and volumes of claims that are gone stay',
  },
  'volume-loses-data': {
    description: 'Volumes lose their data when they are unmounted',
    breaks: 'what a pod reads that another has written',
  },
  'volume-not-deleted': {
    description: 'The provisioner cannot delete volumes',
    breaks: 'volumes of claims that are gone stay, as Failed',
  },

  // services
  'service-proxy-down': {
    description: 'kube-proxy is stopped and its rules are gone',
    breaks: 'service addresses; pods answer at their own',
    options: { mode: 'refuse' },
    allowed: { mode: modes },
  },
  'service-proxy-one-dead-backend': {
    description: 'Services lead, among others, to a backend that does not answer',
    breaks: 'a part of the requests to each service',
    options: { node: 'node2', mode: 'refuse' },
    allowed: { node: 'node', mode: modes },
  },
  'node-proxy-down': {
    description: 'kube-proxy of one node is stopped and its rules are gone',
    breaks: 'node ports at the address of that node, and service addresses for its pods',
    options: { node: 'node2', mode: 'refuse' },
    allowed: { node: 'node', mode: modes },
  },
  'node-link-down': {
    description: 'Packets between the pods of a node and those of other nodes are lost',
    breaks: 'what pods of different nodes ask each other; who is in no pod reaches all of them',
    options: { node: 'node2' },
    allowed: { node: 'node' },
  },
  'node-large-packets-lost': {
    description: 'The MTU of a node is too large: full packets to and from its pods are lost',
    breaks: 'large answers between its pods and those of other nodes; small ones pass',
    options: { node: 'node2' },
    allowed: { node: 'node' },
  },
  'node-dns-down': {
    description: 'DNS packets of a node are lost',
    breaks: 'what pods of that node look up',
    options: { node: 'node2' },
    allowed: { node: 'node' },
  },
  'service-proxy-slow': {
    description: 'Connections to services take long',
    breaks: 'the time of requests to services',
    options: { seconds: 2 },
    allowed: { seconds },
  },

  ...routeFaults,

  // admission
  'configmap-forbidden': {
    description: 'RBAC denies writing ConfigMaps',
    breaks: 'creating, changing and deleting them: 403',
  },
  forbidden: {
    description: 'RBAC denies a verb on a resource; * stands for all',
    breaks: 'those requests: 403',
    options: { verb: '*', resource: 'pods', namespace: '*' },
    allowed: { verb: ['*', ...verbs], resource: ['*', ...plurals] },
  },
  'quota-exhausted': {
    description: 'A quota that is used up in every namespace',
    breaks: 'creating objects of one resource: 403; pods of replica sets: FailedCreate',
    options: { resource: 'pods' },
    allowed: { resource: namespaced },
  },
  'quota-contended': {
    description: 'Others create objects under the same quota: the API server cannot write what is used',
    breaks: 'creating objects, until it is tried again: 409',
    options: { share: 0.3 },
    allowed: { share },
  },

  // API server
  'api-500': {
    description: 'The API server answers 500',
    breaks: 'requests',
    options: { share: 1 },
    allowed: { share },
  },
  'api-503': {
    description: 'The API server answers 503',
    breaks: 'requests',
    options: { share: 1 },
    allowed: { share },
  },
  'api-429': {
    description: 'The API server throttles: 429 with Retry-After',
    breaks: 'requests, until they are repeated',
    options: { share: 0.3, retryAfter: 1 },
    allowed: { share, retryAfter: seconds },
  },
  'api-slow': {
    description: 'The API server answers late',
    breaks: 'nothing within the deadline',
    options: { seconds: 1 },
    allowed: { seconds },
  },
  'api-reset': {
    description: 'The API server cuts connections in the middle of a request',
    breaks: 'requests',
    options: { share: 0.3 },
    allowed: { share },
  },
  'api-down': {
    description: 'The API server is stopped for some seconds and comes back',
    breaks: 'every request and watch meanwhile',
    options: { seconds: 5 },
    allowed: { seconds },
    endsItself: true,
  },
  'watch-drop': {
    description: 'Watches are cut soon after they start',
    breaks: 'nothing for a client that lists again',
    options: { seconds: 0.5 },
    allowed: { seconds },
  },
  'watch-gone': {
    description: 'Watches end in 410 Gone',
    breaks: 'nothing for a client that lists again',
    options: { seconds: 0.5 },
    allowed: { seconds },
  },
  'watch-silent': {
    description: 'Watches stay open and say nothing',
    breaks: 'clients that trust a watch without end',
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof table;

export const catalogue: Readonly<Record<FaultName, Fault>> = table;
