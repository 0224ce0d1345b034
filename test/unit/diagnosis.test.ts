import assert from 'node:assert/strict';
import { test } from 'node:test';
import { converterIn } from '../../runtime/diagnosis/converter.ts';
import { diagnoseRun, rules } from '../../runtime/diagnosis/diagnose.ts';
import type { Diagnosis } from '../../runtime/model/diagnosis.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import {
  aNode,
  anEvent,
  aProbe,
  aRedRun,
  aReplicaSet,
  dying,
  later,
  podProbes,
  threePods,
  unready,
  unscheduled,
  untouched,
  waiting,
} from '../evidence.ts';
import { aContainer, aDeployment } from '../pods.ts';
import { aFailedRun, aFinding, aRun, aStep } from '../results.ts';
import { markdown, table, tableIn } from '../tables.ts';

type Case = readonly [
  rule: string,
  what: string,
  run: RunResult,
  component: Diagnosis['component'],
  part: string | undefined,
  says: RegExp,
];

const serviceAt = { object: { kind: 'service', name: 'web' } };
const endpoints = { service: 'web', exists: true, api: 'endpoints', addresses: [], notReady: [] } as const;
const served = { kind: 'ingressclass', name: 'nginx', state: 'controller k8s.io/ingress-nginx', conditions: [] };
const onNode2 = (changes: object) => (index: number) => (index === 2 ? changes : {});
const notReady = aNode('node2', {
  ready: false,
  readySince: later(50),
  readyReason: 'NodeStatusUnknown',
  readyMessage: 'Kubelet stopped posting node status.',
});
const allNodes = (bad = notReady) => [aNode('node1'), bad, aNode('node3')];
const logOf = (message: string, status: 500 | 'no answer' = 500) => ({
  request: 'read log of pod/web-1-2',
  status,
  message,
});
const dial = 'Get "https://10.89.0.12:10250/containerLogs/e2e/web-1-2/nginx": dial tcp 10.89.0.12:10250:';
const unreadable = (why: string) => `The log of pod/web-1-2 cannot be read from node2: ${dial} ${why}`;
const unschedulable = {
  ...unscheduled,
  conditions: [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: '0/3 nodes are available: 1 node(s) were unschedulable.',
    },
  ],
};
const keptOut = {
  ...unscheduled,
  conditions: [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message:
        "0/3 nodes are available: 1 node(s) had taint {node.kubernetes.io/unreachable: }, that the pod didn't tolerate.",
    },
  ],
};
const quota = 'pods "web-1-x" is forbidden: exceeded quota: small, requested: pods=1, used: pods=0, limited: pods=0';
const killing = anEvent('Killing', 'pod/web-1-2', 'Stopping container nginx', { type: 'Normal' });

const crashed = aContainer({
  name: 'mesh-init',
  state: 'waiting',
  ready: false,
  reason: 'CrashLoopBackOff',
  restarts: 3,
  last: { reason: 'OOMKilled', exitCode: 137 },
});
const removed = (words: string) =>
  aRedRun('k8s.pods_removed', {}, { blame: 'us', message: `Test pods were removed, and again: pod/a was ${words}` });

const node2 = { kind: 'node', name: 'node2' } as const;
const ofClaim = (why: string) => ({
  message: `persistentvolumeclaim/web-volume: ${why}`,
  object: { kind: 'persistentvolumeclaim', name: 'web-volume' },
});

const cases: readonly Case[] = [
  ...(
    [
      ['evicted by the eviction API, as by a drain', 'setup', 'eviction'],
      ['preempted for a pod of higher priority', 'capacity', 'preemption'],
      ['evicted by its kubelet under node pressure', 'capacity', 'node pressure'],
      ['gone with node node7, which is not there any more', 'capacity', 'nodes'],
      ['deleted by somebody else', 'setup', 'deletion'],
    ] as const
  ).map(
    ([words, component, part]): Case => [
      'disruption/pods-removed',
      `test pods are ${words}`,
      removed(words),
      component,
      part,
      /removed, and again/,
    ],
  ),
  [
    'quota/exceeded',
    'a quota refuses a request of ours',
    aRedRun('api.forbidden', {}, { blame: 'us', message: `create pod/x: 403 ${quota}` }),
    'quota',
    'small',
    /used: pods=0, limited: pods=0/,
  ],
  [
    'quota/exceeded',
    'the replica set says so',
    aRedRun('timeout.events', {
      replicaSets: [
        aReplicaSet({ replicas: 0, conditions: [{ type: 'ReplicaFailure', status: 'True', message: quota }] }),
      ],
    }),
    'quota',
    'small',
    /small/,
  ],
  [
    'admission/webhook-dead',
    'a webhook does not answer',
    aRedRun(
      'api.internal_server_error',
      {},
      {
        message:
          'create configmap/web: Internal error occurred: failed calling webhook "w.example.com": connection refused',
      },
    ),
    'admission',
    'w.example.com',
    /connection refused/,
  ],
  [
    'admission/webhook-dead',
    'a conversion webhook does not answer',
    aRedRun(
      'api.internal_server_error',
      {},
      {
        message:
          'create widget/w: conversion webhook for widgets.example.net/v1beta1, Kind=Widget failed: Post "https://w.ops.svc": no endpoints',
      },
    ),
    'admission',
    'conversion webhook for Widget.widgets.example.net',
    /blocks what it should convert/,
  ],
  [
    'admission/webhook-dead',
    'events of the replica set say so',
    aRedRun('timeout.events', {
      events: [
        anEvent(
          'FailedCreate',
          'replicaset/web-1',
          'Internal error occurred: failed calling webhook "w.example.com": no endpoints',
        ),
      ],
      replicaSets: [aReplicaSet({ replicas: 0 })],
    }),
    'admission',
    'w.example.com',
    /no endpoints/,
  ],
  [
    'admission/denied',
    'a webhook denies',
    aRedRun(
      'api.forbidden',
      {},
      { blame: 'us', message: 'create pod/x: 403 admission webhook "w.example.com" denied the request: no' },
    ),
    'admission',
    'w.example.com',
    /denied the request: no/,
  ],
  [
    'quota/asks-for-more',
    'a quota wants limits',
    aRedRun(
      'k8s.replica_failure',
      {},
      { blame: 'us', message: 'pods "x" is forbidden: failed quota: q: must specify limits.cpu' },
    ),
    'quota',
    'q',
    /must specify limits.cpu/,
  ],
  [
    'quota/asks-for-more',
    'a LimitRange wants more',
    aRedRun(
      'k8s.replica_failure',
      {},
      { blame: 'us', message: 'pods "x" is forbidden: minimum cpu usage per Container is 50m, but request is 10m' },
    ),
    'quota',
    'LimitRange',
    /minimum cpu usage per Container is 50m/,
  ],
  [
    'admission/denied',
    'a policy denies',
    aRedRun(
      'api.forbidden',
      {},
      {
        blame: 'us',
        message:
          "create pod/x: 422 pods \"x\" is forbidden: ValidatingAdmissionPolicy 'owner' with binding 'all' denied request: no owner",
      },
    ),
    'admission',
    'owner',
    /denied request: no owner/,
  ],
  [
    'admission/denied',
    'Pod Security denies',
    aRedRun(
      'k8s.replica_failure',
      {},
      { blame: 'us', message: 'pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot' },
    ),
    'admission',
    'restricted:latest',
    /runAsNonRoot/,
  ],
  [
    'rbac/forbidden',
    'RBAC denies',
    aRedRun(
      'api.forbidden',
      {},
      {
        blame: 'us',
        message:
          'create lease/l: 403 leases is forbidden: User "system:serviceaccount:e2e:tester" cannot create resource "leases" in API group "coordination.k8s.io"',
      },
    ),
    'rbac',
    'leases',
    /tester create leases in namespace e2e/,
  ],
  [
    'controller-manager/no-service-account',
    'no default service account',
    aRedRun('timeout.events', {
      events: [
        anEvent(
          'FailedCreate',
          'replicaset/web-1',
          'pods "x" is forbidden: error looking up service account e2e/default: serviceaccount "default" not found',
        ),
      ],
    }),
    'controller-manager',
    'serviceaccount',
    /e2e\/default/,
  ],
  [
    'setup/missing',
    'the namespace is not there',
    aRedRun('k8s.prerequisite_missing', undefined, { blame: 'us', message: 'Namespace e2e does not exist' }),
    'setup',
    undefined,
    /does not exist/,
  ],
  [
    'kubelet/no-answer-for-logs',
    'a log cannot be read',
    aRedRun('k8s.log_incorrect', { pods: threePods() }, { message: unreadable('connect: connection refused') }),
    'kubelet',
    'node2',
    /nothing listens where the kubelet of node2 should/,
  ],
  [
    'kubelet/no-answer-for-logs',
    'a log is not read at all',
    aRedRun(
      'api.max_retries_exceeded',
      { pods: threePods(), api: [logOf('no answer in time', 'no answer')] },
      { message: 'read log of pod/web-1-2: no answer from the API server for 10.0 s: no answer in time' },
    ),
    'kubelet',
    'node2',
    /does not answer the API server/,
  ],
  [
    'kubelet/no-answer-for-logs',
    'a log is on a node without a way to it',
    aRedRun('k8s.log_incorrect', { pods: threePods() }, { message: unreadable('connect: no route to host') }),
    'node-network',
    'node2',
    /finds no way to node2/,
  ],
  [
    'api-server/does-not-serve',
    'no answer',
    aRedRun(
      'api.max_retries_exceeded',
      { nodes: [], api: [{ request: 'list pods', status: 'no answer', message: 'ECONNREFUSED' }] },
      { message: 'create lease/l: no answer from the API server for 60.0 s: ECONNREFUSED' },
    ),
    'api-server',
    undefined,
    /60\.0 s: ECONNREFUSED/,
  ],
  [
    'api-server/does-not-serve',
    'etcd does not answer',
    aRedRun('api.internal_server_error', {}, { message: 'create lease/l: 500 etcdserver: request timed out' }),
    'api-server',
    'etcd',
    /request timed out/,
  ],
  [
    'api-server/does-not-serve',
    'the API server answers 500, and says that etcd is not there',
    aRedRun(
      'api.internal_server_error',
      { objects: [{ kind: 'apiserver', name: 'readyz', state: 'not ready: etcd', conditions: [] }] },
      { message: 'create lease/l: 500 Internal Server Error' },
    ),
    'api-server',
    'etcd',
    /500 Internal/,
  ],
  [
    'api-server/not-ready',
    'a check of /readyz fails',
    aRedRun('api.not_ready', {}, { message: 'The API server says for 5.0 s: not ready: etcd' }),
    'api-server',
    'etcd',
    /not ready: etcd/,
  ],
  [
    'api-server/slow',
    'dry runs are slow, reads are not',
    aRedRun('api.slow', {}, { message: 'Admission is slow: what passes through it takes longer than 1 s' }),
    'admission',
    undefined,
    /Admission is slow/,
  ],
  [
    'api-server/slow',
    'what needs etcd is slow',
    aRedRun('api.slow', {}, { message: 'etcd is slow: what needs it takes longer than 1 s' }),
    'api-server',
    'etcd',
    /etcd is slow/,
  ],
  [
    'api-server/lease-not-renewed',
    'nobody schedules',
    aRedRun(
      'k8s.lease_stale',
      {},
      {
        message: 'lease/kube-scheduler was not renewed within 45.0 s: nobody leads',
        object: { kind: 'lease', name: 'kube-scheduler' },
      },
    ),
    'scheduler',
    undefined,
    /nobody leads/,
  ],
  [
    'api-server/api-unavailable',
    'an aggregated API does not answer',
    aRedRun(
      'k8s.api_unavailable',
      {},
      {
        message: 'API v1beta1.metrics.k8s.io is not available: FailedDiscoveryCheck',
        object: { kind: 'apiservice', name: 'v1beta1.metrics.k8s.io' },
      },
    ),
    'api-server',
    'aggregated API v1beta1.metrics.k8s.io',
    /FailedDiscoveryCheck/,
  ],
  [
    'api-server/watch-silent',
    'a watch shows nothing',
    aRedRun(
      'timeout.watch',
      {},
      { message: 'configmap/a is on no watch 10.0 s after its creation, and a list has it' },
    ),
    'api-server',
    undefined,
    /A watch of the API server is silent/,
  ],
  [
    'setup/clocks-differ',
    'clocks are apart',
    aRedRun('k8s.clock_differs', {}, { message: "The API server's clock is 90.0 s behind ours", blame: 'us' }),
    'setup',
    'clocks',
    /90\.0 s behind/,
  ],
  [
    'controller-manager/deployment-not-observed',
    'a generation is not observed',
    aRedRun('timeout.events', { deployment: aDeployment({ generation: 3 }) }),
    'controller-manager',
    'deployment',
    /generation 3, observed 2, 0 replica sets/,
  ],
  [
    'controller-manager/object-not-observed',
    'nobody has looked at a DaemonSet',
    aRedRun('timeout.waiting_on_phase', {
      objects: [{ kind: 'daemonset', name: 'web', state: '0 of 0 pods Ready', conditions: [], isObserved: false }],
    }),
    'controller-manager',
    'daemonset',
    /has not looked at daemonset\/web/,
  ],
  [
    'controller-manager/garbage-left',
    'pods outlive their deployment',
    aRedRun('k8s.not_deleted', { pods: threePods(), replicaSets: [aReplicaSet()] }),
    'controller-manager',
    'garbage-collector',
    /3 pods of it still stand unmarked/,
  ],
  [
    'controller-manager/replicaset-without-pods',
    'a replica set makes no pods',
    aRedRun('timeout.events', { deployment: aDeployment(), replicaSets: [aReplicaSet({ replicas: 0, ready: 0 })] }),
    'controller-manager',
    'replicaset',
    /asks for 3 pods and 0 stand/,
  ],
  [
    'controller-manager/replicaset-without-pods',
    'a replica set removes no pods',
    aRedRun('timeout.events', {
      deployment: aDeployment({ wanted: 0 }),
      pods: threePods(),
      replicaSets: [aReplicaSet({ wanted: 0 })],
    }),
    'controller-manager',
    'replicaset',
    /asks for 0 pods and 3 stand/,
  ],
  [
    'controller-manager/orphaned-pods',
    'old pods stand beside the new',
    aRedRun('k8s.not_deleted', {
      deployment: aDeployment(),
      pods: [...threePods(), ...threePods(() => ({ name: 'old', owner: undefined }))],
      replicaSets: [aReplicaSet()],
    }),
    'controller-manager',
    'replicaset',
    /3 pods of an old template/,
  ],
  [
    'controller-manager/rollout-stuck',
    'a rollout does not go on',
    aRedRun('timeout.events', {
      deployment: aDeployment({ updated: 0 }),
      pods: threePods(),
      replicaSets: [aReplicaSet()],
    }),
    'controller-manager',
    'deployment',
    /0 of 3 pods are updated/,
  ],
  [
    'controller-manager/namespace-stuck',
    'a namespace stays',
    aRedRun('k8s.not_deleted', {
      namespace: { name: 'e2e', phase: 'Terminating', conditions: [], deletedAt: later(20) },
    }),
    'controller-manager',
    'namespace',
    /Terminating for 40 s/,
  ],
  [
    'api-server/discovery',
    'an API is not served',
    aRedRun('k8s.not_deleted', {
      namespace: {
        name: 'e2e',
        phase: 'Terminating',
        conditions: [
          {
            type: 'NamespaceDeletionDiscoveryFailure',
            status: 'True',
            message: 'metrics.k8s.io/v1beta1: the server is currently unable to handle the request',
          },
        ],
      },
    }),
    'api-server',
    'aggregated API',
    /metrics/,
  ],
  ...(
    [
      [
        'api-server/conversion',
        'a conversion webhook is down',
        'NamespaceDeletionContentFailure',
        'conversion webhook for widgets.example.net/v1beta1, Kind=Widget failed: connection refused',
        'admission',
        'conversion webhook for Widget.widgets.example.net',
      ],
      [
        'api-server/conversion',
        'content cannot be deleted',
        'NamespaceDeletionContentFailure',
        'Failed to delete all resource types, 1 remaining: Internal error occurred',
        'api-server',
        'content of the namespace',
      ],
      [
        'setup/finalizers',
        'a finalizer is left',
        'NamespaceFinalizersRemaining',
        'Some content in the namespace has finalizers remaining: widgets.example.net/keep in 1 resource instances',
        'setup',
        'widgets.example.net/keep',
      ],
      [
        'controller-manager/namespace-content',
        'content is left',
        'NamespaceContentRemaining',
        'Some resources are remaining: pods. has 1 resource instances',
        'controller-manager',
        'namespace',
      ],
    ] as const
  ).map(
    ([rule, what, type, message, component, part]): Case => [
      rule,
      `a namespace stays since ${what}`,
      aRedRun('k8s.not_deleted', {
        namespace: { name: 'e2e', phase: 'Terminating', conditions: [{ type, status: 'True', message }] },
      }),
      component,
      part,
      new RegExp(message.replaceAll('.', '\\.').slice(0, 60)),
    ],
  ),
  [
    'scheduler/silent',
    'no scheduler looks',
    aRedRun('timeout.events', {
      deployment: aDeployment({ ready: 0 }),
      replicaSets: [aReplicaSet({ ready: 0 })],
      pods: threePods(onNode2(unscheduled)),
    }),
    'scheduler',
    undefined,
    /1 of 3 pods has no node and no PodScheduled condition, the oldest for 60 s/,
  ],
  [
    'setup/no-zone-label',
    'nodes have no zone',
    aRedRun('k8s.no_zone_label_on_node', { pods: threePods(), nodes: allNodes(aNode('node2', { zone: undefined })) }),
    'setup',
    'node labels',
    /1 of 3: node2/,
  ],
  [
    'scheduler/anti-affinity-ignored',
    'pods share a node',
    aRedRun('k8s.same_node', { pods: threePods() }, { message: 'Pods a, b share node1' }),
    'scheduler',
    undefined,
    /share node1/,
  ],
  [
    'capacity/unschedulable',
    'a node is cordoned',
    aRedRun('timeout.events', {
      pods: threePods(onNode2(unschedulable)),
      nodes: allNodes(aNode('node2', { unschedulable: true })),
    }),
    'capacity',
    'node2',
    /cordoned: node2 \(zone-2\): 0\/3 nodes/,
  ],
  [
    'capacity/unschedulable',
    'there is no room, and the autoscaler adds a node',
    aRedRun('timeout.events', {
      pods: threePods(onNode2(unschedulable)),
      events: [anEvent('TriggeredScaleUp', 'pod/web-1-2', 'pod triggered scale-up: [{pool 0->1}]', { type: 'Normal' })],
    }),
    'capacity',
    undefined,
    /a node is being added \(pod triggered scale-up: \[\{pool 0->1\}\]\)/,
  ],
  [
    'capacity/unschedulable',
    'there is no room',
    aRedRun('timeout.events', { pods: threePods(onNode2(unschedulable)) }),
    'capacity',
    undefined,
    /finds no node for 1 pod: 0\/3/,
  ],
  [
    'capacity/unschedulable',
    'there is no room, and another node is NotReady',
    aRedRun('timeout.events', { pods: threePods(onNode2(unschedulable)), nodes: allNodes() }),
    'capacity',
    undefined,
    /finds no node for 1 pod: 0\/3/,
  ],
  [
    'kubelet/node-not-ready',
    'a node is NotReady, and one that has nothing to do with it has been for days',
    aRedRun('timeout.events', {
      pods: threePods(onNode2({ conditions: unready })),
      nodes: [...allNodes(), aNode('node9', { ready: false })],
    }),
    'kubelet',
    'node2',
    /^Node node2 is NotReady/,
  ],
  [
    'admission/refused',
    'a controller is refused by a plugin that has no rule',
    aRedRun('timeout.events', {
      replicaSets: [
        aReplicaSet({
          conditions: [
            { type: 'ReplicaFailure', status: 'True', message: 'pods "x" is forbidden: by the house rules' },
          ],
        }),
      ],
    }),
    'admission',
    undefined,
    /refuses the pods of the controllers: by the house rules/,
  ],
  [
    'admission/refuses-pods',
    'a controller is refused in words that nobody knows',
    aRedRun('timeout.events', {
      replicaSets: [
        aReplicaSet({
          conditions: [
            { type: 'ReplicaFailure', status: 'True', message: 'no PriorityClass with name gold was found' },
          ],
        }),
      ],
    }),
    'admission',
    undefined,
    /refuses the pods or replica sets that the controllers make: no PriorityClass/,
  ],
  [
    'quota/exceeded',
    'a quota has no room for replica sets',
    aRedRun('timeout.events', {
      deployment: aDeployment({ observedGeneration: 0 }),
      events: [
        anEvent('ReplicaSetCreateError', 'deployment/web', `Failed to create new replica set "web-1": ${quota}`),
      ],
    }),
    'quota',
    'small',
    /used: pods=0/,
  ],
  [
    'api-server/does-not-serve',
    'one write hangs and everything else is answered',
    aRedRun(
      'api.max_retries_exceeded',
      { api: [{ request: 'create deployment/web', status: 'no answer', message: 'no answer in time' }] },
      { message: 'create deployment/web: no answer from the API server for 15.0 s' },
    ),
    'api-server',
    undefined,
    /An admission webhook that is slow, or etcd, may hold it up/,
  ],
  [
    'kubelet/node-not-ready',
    'a node is NotReady',
    aRedRun('timeout.events', { pods: threePods(onNode2(keptOut)), nodes: allNodes() }),
    'kubelet',
    'node2',
    /NotReady for 10 s \(NodeStatusUnknown: Kubelet stopped posting node status\); 1 pod without a node/,
  ],
  [
    'kubelet/node-not-ready',
    'a node is cut',
    aRedRun('timeout.events', {
      pods: threePods(onNode2({ conditions: unready })),
      nodes: allNodes(),
      api: [logOf(`${dial} connect: no route to host`)],
    }),
    'node-network',
    'node2',
    /finds no way to node2/,
  ],
  [
    'kubelet/no-container-status',
    'a node does nothing',
    aRedRun('timeout.waiting_on_phase', {
      pods: threePods(onNode2(untouched)),
      api: [logOf('no answer in time', 'no answer')],
    }),
    'kubelet',
    'node2',
    /was scheduled 41 s ago and has no container status, and the kubelet of node2 does not answer/,
  ],
  [
    'kubelet/deletion-ignored',
    'a deletion is not begun',
    aRedRun('k8s.not_deleted', { pods: threePods(onNode2(dying(30))).slice(1, 2) }),
    'kubelet',
    'node2',
    /marked for deletion 40 s ago/,
  ],
  [
    'kubelet/not-killed',
    'a pod outlives its grace period',
    aRedRun('k8s.not_deleted', { pods: threePods(onNode2(dying(30))).slice(1, 2), events: [killing] }),
    'kubelet',
    'node2',
    /running 30 s after the end of its grace period/,
  ],
  [
    'kubelet/cannot-start',
    'a container is not made',
    aRedRun('timeout.waiting_on_phase', {
      pods: threePods(onNode2(waiting('ContainerCreating'))),
      events: [anEvent('FailedCreatePodSandBox', 'pod/web-1-2', 'cannot reserve a name')],
    }),
    'kubelet',
    'node2',
    /FailedCreatePodSandBox: cannot reserve a name/,
  ],
  [
    'kubelet/cannot-start',
    'a node cannot make networks',
    aRedRun('timeout.waiting_on_phase', {
      pods: threePods(onNode2(waiting('ContainerCreating'))),
      events: [
        anEvent(
          'FailedCreatePodSandBox',
          'pod/web-1-2',
          'plugin type="calico" failed (add): cni plugin not initialized',
        ),
      ],
    }),
    'node-network',
    'node2',
    /no network can be made for it: plugin type="calico"/,
  ],
  [
    'registry/pull-slow',
    'an image takes its time',
    aRedRun('timeout.waiting_on_phase', {
      pods: threePods(onNode2(waiting('ContainerCreating'))),
      events: [anEvent('Pulling', 'pod/web-1-2', 'Pulling image "nginx"', { type: 'Normal' })],
    }),
    'registry',
    undefined,
    /still being pulled on node2 \(1 pod\)/,
  ],
  [
    'setup/pull-refused',
    'the image that is to be pulled is not there',
    aRedRun('pull.not_found', { pods: threePods(() => waiting('ErrImagePull', 'not found')) }, { blame: 'us' }),
    'setup',
    undefined,
    /Name one that there is: PULL_IMAGE/,
  ],
  [
    'registry/pull-fails',
    'an image cannot be pulled',
    aRedRun('k8s.pod_failed', {
      pods: threePods(() => waiting('ImagePullBackOff', 'Back-off')),
      events: [anEvent('Failed', 'pod/web-1-1', 'Failed to pull image: not found')],
    }),
    'registry',
    undefined,
    /on node1, node2, node3 \(3 pods\): Failed to pull image: not found/,
  ],
  [
    'workload/crashes',
    'a container crashes',
    aRedRun('k8s.pod_failed', { pods: threePods(() => waiting('CrashLoopBackOff', 'back-off', 3)) }),
    'workload',
    undefined,
    /3 pods ends as soon as it starts: CrashLoopBackOff, 3 restarts/,
  ],
  [
    'workload/crashes',
    'an init container crashes',
    aRedRun('k8s.pod_failed', {
      pods: threePods(() => ({
        ...waiting('PodInitializing'),
        init: [aContainer({ name: 'done', state: 'terminated', exitCode: 0 }), crashed],
      })),
    }),
    'workload',
    undefined,
    /init container mesh-init of 3 pods ends as soon as it starts: CrashLoopBackOff.*OOMKilled, exit code 137/,
  ],
  [
    'registry/pull-fails',
    'the image of an init container cannot be pulled',
    aRedRun('k8s.pod_failed', {
      pods: threePods(() => ({
        ...waiting('PodInitializing'),
        init: [{ ...crashed, reason: 'ImagePullBackOff', image: 'mesh.example.net/init:2' }],
      })),
    }),
    'registry',
    'mesh.example.net',
    /mesh\.example\.net\/init:2 cannot be pulled/,
  ],
  [
    'workload/init-never-ends',
    'an init container does not end',
    aRedRun('timeout.waiting_on_phase', {
      pods: threePods(() => ({ ...waiting('PodInitializing'), init: [aContainer({ name: 'wait-for-db' })] })),
    }),
    'workload',
    'wait-for-db',
    /init container wait-for-db of 3 pods runs and does not end/,
  ],
  [
    'workload/misconfigured',
    'a container cannot be configured',
    aRedRun('k8s.pod_failed', { pods: threePods(() => waiting('CreateContainerConfigError', 'secret "x" not found')) }),
    'workload',
    undefined,
    /secret "x" not found/,
  ],
  [
    'workload/misconfigured',
    'a volume names what is not there',
    aRedRun('timeout.waiting_on_phase', {
      pods: threePods(() => waiting('ContainerCreating')),
      events: [
        anEvent(
          'FailedMount',
          'pod/web-1-1',
          'MountVolume.SetUp failed for volume "page" : configmap "page" not found',
        ),
      ],
    }),
    'workload',
    undefined,
    /configmap "page" not found/,
  ],
  [
    'workload/ignores-sigterm',
    'a process does not end',
    aRedRun('k8s.not_deleted', { pods: threePods(onNode2(dying(65))).slice(1, 2), events: [killing] }),
    'workload',
    undefined,
    /grace period of 10 s/,
  ],
  [
    'workload/never-ready',
    'a readiness probe fails',
    aRedRun('timeout.waiting_on_phase', {
      pods: threePods(() => ({ conditions: unready })),
      events: [anEvent('Unhealthy', 'pod/web-1-1', 'Readiness probe failed: 500', { count: 58 })],
    }),
    'workload',
    undefined,
    /3 of 3 pods runs and is not Ready: Readiness probe failed: 500 \(58 times\)/,
  ],
  [
    'setup/foreign-endpoint-slice',
    'somebody else wrote an endpoint slice',
    aRedRun('k8s.service_endpoint_count_wrong', {
      endpoints: {
        ...endpoints,
        addresses: ['10.244.1.9'],
        foreign: [{ slice: 'web-by-hand', addresses: ['10.244.1.9'] }],
      },
    }),
    'setup',
    undefined,
    /endpointslice\/web-by-hand, which no service owns .* leads service\/web to 10\.244\.1\.9/,
  ],
  [
    'controller-manager/no-endpoints-object',
    'a service has no endpoints object',
    aRedRun('timeout.waiting_on_endpoints', { endpoints: { ...endpoints, exists: false } }),
    'controller-manager',
    'endpoints',
    /service\/web has no Endpoints object/,
  ],
  [
    'controller-manager/endpoints-stale',
    'the names of a headless service are not resolved, and it has no endpoints',
    aRedRun(
      'dns.nxdomain',
      { pods: threePods(), endpoints: { ...endpoints, addresses: [] } },
      { message: 'Pods do not resolve the short name web, on none of 3 nodes: nxdomain' },
    ),
    'controller-manager',
    'endpoints',
    /do not follow its pods: 3 pods Ready, 3 of them missing/,
  ],
  [
    'controller-manager/endpoints-stale',
    'endpoints do not follow',
    aRedRun('k8s.service_endpoint_count_wrong', {
      pods: threePods(),
      endpoints: { ...endpoints, addresses: ['10.244.1.2', '10.244.1.9'] },
    }),
    'controller-manager',
    'endpoints',
    /3 pods Ready, 2 of them missing from the endpoints, 1 endpoint of no ready pod \(10\.244\.1\.9\)/,
  ],
  [
    'node-network/pods-of-one-node',
    'the pods of a node do not answer',
    aRedRun('http.timeout', { pods: threePods(), probes: podProbes((index) => (index === 2 ? 'timeout' : '200')) }),
    'node-network',
    'node2',
    /1 of 3 pods did not answer, all of them on node2; those on node1, node3 did/,
  ],
  [
    'node-network/one-family',
    'the pods of a node do not answer by IPv6',
    aRedRun('http.timeout', {
      pods: threePods(),
      probes: [
        ...podProbes(() => '200'),
        ...podProbes((index) => (index === 2 ? 'timeout' : '200')).map((probe, index) => ({
          ...probe,
          to: `[fd00::${index}]:8080`,
        })),
      ],
    }),
    'node-network',
    'node2',
    /1 of 3 pods did not answer at their addresses of IPv6 \(on node2\), and all did at the others/,
  ],
  [
    'node-network/no-pod-answers',
    'no pod answers',
    aRedRun('http.timeout', { pods: threePods(), probes: podProbes(() => 'timeout') }),
    'node-network',
    'where we run',
    /None of 3 Ready pods/,
  ],
  [
    'controller-manager/budget-stale',
    'a budget does not follow its pods',
    aRedRun('k8s.budget_stale', { pods: threePods() }, { message: 'poddisruptionbudget/web: 3 pods are Ready' }),
    'controller-manager',
    'disruption',
    /does not keep up a budget, and drains hang: poddisruptionbudget\/web: 3 pods are Ready\./,
  ],
  [
    'controller-manager/cron',
    'a CronJob does not fire',
    aRedRun('k8s.cron_missed', {}, { message: 'cronjob/web-cron: no Job' }),
    'controller-manager',
    'cronjob',
    /does not do what schedules say: cronjob\/web-cron: no Job\./,
  ],
  ...(
    [
      [
        'storage/provisioner-silent',
        'ExternalProvisioning',
        "Waiting for a volume to be created either by the external provisioner 'ebs.csi.aws.com' or manually by the system administrator.",
        'storage',
        'ebs.csi.aws.com',
        /^The provisioner ebs\.csi\.aws\.com does not answer/,
      ],
      [
        'storage/provisioner-silent',
        'ExternalProvisioning',
        'waiting for a volume to be created, either by external provisioner "nfs" or manually created by system administrator',
        'storage',
        'nfs',
        /^The provisioner nfs does not answer/,
      ],
      [
        'storage/provisioner-slow',
        'Provisioning',
        'External provisioner is provisioning volume for claim "ns/web-volume"',
        'storage',
        'provisioner',
        /has begun to make a volume and has not ended/,
      ],
      [
        'storage/provisioning-fails',
        'ProvisioningFailed',
        'failed to provision volume: rpc error: code = ResourceExhausted desc = no pool has 1Gi',
        'storage',
        'room',
        /since there is no room for it: .*ResourceExhausted/,
      ],
      [
        'storage/provisioning-fails',
        'ProvisioningFailed',
        'rpc error: code = Internal desc = 401',
        'storage',
        'provisioner',
        /^No volume can be made: rpc error/,
      ],
      [
        'storage/provisioning-fails',
        'ProvisioningFailed',
        'storageclass.storage.k8s.io "gold" not found',
        'setup',
        'storage class',
        /^A claim has no class: /,
      ],
      [
        'setup/no-storage-class',
        'FailedBinding',
        'no persistent volumes available for this claim and no storage class is set',
        'setup',
        'storage class',
        /no storage class is set\./,
      ],
    ] as const
  ).map(
    ([rule, reason, message, component, part, sentence]): Case => [
      rule,
      `a claim is Pending: ${reason}: ${message}`,
      aRedRun(
        'k8s.claim_pending',
        { events: [anEvent(reason, 'persistentvolumeclaim/web-volume', message)] },
        ofClaim('it is Pending'),
      ),
      component,
      part,
      sentence,
    ],
  ),
  [
    'controller-manager/claim-ignored',
    'a claim is Pending, and nobody says why',
    aRedRun('k8s.claim_pending', {}, ofClaim('it is Pending, and nobody says why')),
    'controller-manager',
    'persistentvolume-binder',
    /^Nobody has looked at a claim/,
  ],
  [
    'storage/claim-kept',
    'a claim is kept by a finalizer of somebody else',
    aRedRun(
      'k8s.not_deleted',
      {},
      ofClaim('is being deleted (finalizers kubernetes.io/pvc-protection, backup.example.com/hold)'),
    ),
    'storage',
    'backup.example.com/hold',
    /finalizer backup\.example\.com\/hold, which nobody removes/,
  ],
  [
    'storage/claim-kept',
    'a claim is kept by its protection although no pod uses it',
    aRedRun('k8s.not_deleted', {}, ofClaim('is being deleted (finalizers kubernetes.io/pvc-protection)')),
    'controller-manager',
    'pvc-protection',
    /and no pod uses it/,
  ],
  [
    'storage/data-lost',
    'what was written is not there',
    aRedRun('k8s.data_lost', {}, ofClaim('"a" was written on node1, and on node2 there was nothing')),
    'storage',
    undefined,
    /^A volume lost its data: .*on node2 there was nothing\./,
  ],
  [
    'storage/unwritable',
    'a volume is read-only',
    aRedRun('k8s.volume_unwritable', {}, ofClaim("sh: can't create /volume/x: Read-only file system")),
    'storage',
    undefined,
    /^A new volume cannot be written: .*Read-only/,
  ],
  [
    'storage/volume-left',
    'a volume stays after its claim',
    aRedRun(
      'k8s.volume_left',
      {},
      {
        message: 'persistentvolume/pvc-1 of persistentvolumeclaim/web-volume: it is Failed: busy, made by a.b.c',
        object: { kind: 'persistentvolume', name: 'pvc-1' },
      },
    ),
    'storage',
    'a.b.c',
    /^A volume is not deleted with its claim/,
  ],
  [
    'storage/volume-left',
    'a volume is held by a finalizer of somebody else',
    aRedRun(
      'k8s.volume_left',
      {},
      {
        message:
          'persistentvolume/pvc-1: being deleted (finalizers external-attacher/a-b-c, example.com/hold), made by a.b.c',
        object: { kind: 'persistentvolume', name: 'pvc-1' },
      },
    ),
    'storage',
    'example.com/hold',
    /being deleted \(finalizers /,
  ],
  ...(
    [
      [
        'storage/not-attached',
        'FailedAttachVolume',
        'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node',
        /cannot be attached to node2: Multi-Attach error/,
      ],
      [
        'storage/not-mounted',
        'FailedMount',
        'MountVolume.MountDevice failed: driver name d not found in the list of registered CSI drivers',
        /cannot be mounted on node2: .*driver name d not found/,
      ],
    ] as const
  ).map(
    ([rule, reason, message, sentence]): Case => [
      rule,
      `a pod waits for its volume: ${reason}`,
      aRedRun('timeout.events', {
        objects: [{ kind: 'persistentvolumeclaim', name: 'web-volume', conditions: [] }],
        pods: threePods(onNode2(waiting('ContainerCreating'))),
        events: [anEvent(reason, 'pod/web-1-2', message)],
      }),
      'storage',
      'node2',
      sentence,
    ],
  ),
  [
    'storage/not-expanded',
    'a claim does not grow',
    aRedRun('k8s.claim_not_expanded', {}, ofClaim('expected 2Gi, after 60.0 s it has 1Gi')),
    'storage',
    undefined,
    /^A volume does not grow: .*it has 1Gi\./,
  ],
  ...(
    [
      [
        'edge.no_address',
        'no-address',
        /does not look at new routes, or has no address to give: ingress\/web: it said so\./,
      ],
      ['edge.not_accepted', 'not-accepted', /does not look at new routes, or refuses them/],
      ['edge.unreachable', 'unreachable', /nobody answers there/],
      ['edge.not_routed', 'not-routed', /does not know a new route/],
      ['edge.no_backend', 'no-backend', /does not reach the pods behind it/],
      ['edge.wrong_page', 'wrong-page', /somewhere else/],
      ['edge.stale', 'stale', /does not follow a changed route/],
      ['edge.lost_requests', 'lost-requests', /loses requests/],
      ['edge.still_served', 'still-served', /does not see that a route was deleted/],
    ] as const
  ).map(
    ([code, rule, says]): Case => [
      `edge/${rule}`,
      `an Ingress, ${code}`,
      aRedRun(
        code,
        { pods: threePods(), probes: podProbes(), objects: [served] },
        { message: 'ingress/web: it said so' },
      ),
      'ingress-controller',
      'class nginx, controller k8s.io/ingress-nginx',
      says,
    ],
  ),
  [
    'edge/not-routed',
    'a route of a Gateway is not served',
    aRedRun(
      'edge.not_routed',
      { objects: [{ ...served, kind: 'gatewayclass' }] },
      { object: { kind: 'httproute', name: 'web' } },
    ),
    'ingress-controller',
    'gateway class nginx, controller k8s.io/ingress-nginx',
    /does not know a new route/,
  ],
  [
    'workload/backend-removed',
    'the service behind an Ingress was removed',
    aRedRun('edge.no_backend', {
      pods: threePods(),
      endpoints: { ...endpoints, exists: false },
      objects: [served, { kind: 'service', name: 'web', state: 'is not there', conditions: [] }],
    }),
    'workload',
    'service/web',
    /service\/web, to which the route leads, is not there any more/,
  ],
  [
    'dns/address-of-a-route',
    'the address of an Ingress is a name that nobody knows',
    aRedRun(
      'dns.nxdomain',
      { probes: [aProbe('edge', 'connection_error', { detail: 'lb.example.com: DNS server 10.96.0.10 says no' })] },
      { message: 'lb.example.com: DNS server 10.96.0.10 says no' },
    ),
    'dns',
    'the name of a load balancer',
    /is a name that is not resolved: lb\.example\.com/,
  ],
  [
    'api-server/eviction-wrong',
    'an eviction is done beyond its budget',
    aRedRun(
      'k8s.eviction_wrong',
      { pods: threePods() },
      { message: 'poddisruptionbudget/web: 1 of at least 2 are Ready' },
    ),
    'api-server',
    'eviction',
    /do not agree: .*1 of at least 2 are Ready\./,
  ],
  [
    'kubelet/content-stale',
    'a changed ConfigMap does not reach a running pod',
    aRedRun('k8s.content_stale', { pods: threePods() }, { object: { kind: 'pod', name: 'web-1-2' } }),
    'kubelet',
    'node2',
    /^1 pod on node2 serves what was in its volumes before a change\./,
  ],
  [
    'kubelet/page-stale',
    'an old page is served',
    aRedRun('http.wrong_response', {
      pods: threePods(),
      probes: podProbes(() => 'wrong_response', 'expected "new", got "kube-e2etests: this page is old"'),
    }),
    'kubelet',
    'node1, node2, node3',
    /3 of 3 pods serve the page from before the update/,
  ],
  [
    'workload/refuses-connections',
    'connections to pods are refused',
    aRedRun('http.connection_error', {
      pods: threePods(),
      probes: podProbes(() => 'connection_error', 'ECONNREFUSED (connect ECONNREFUSED 10.244.1.2:8080)'),
    }),
    'workload',
    undefined,
    /^Connections to 3 of 3 Ready pods .* are refused, which is no answer/,
  ],
  [
    'workload/wrong-answer',
    'another page is served',
    aRedRun('http.wrong_response', { probes: podProbes(() => 'wrong_response', 'expected "a", got "Welcome"') }),
    'workload',
    undefined,
    /Welcome/,
  ],
  [
    'kube-proxy/service-address',
    'the service does not answer',
    aRedRun(
      'timeout.waiting_on_endpoints',
      {
        pods: threePods(),
        probes: [...podProbes(), aProbe('service-ip', 'timeout'), aProbe('service-ip', 'timeout')],
        endpoints: { ...endpoints, addresses: ['10.244.1.2', '10.244.2.2', '10.244.3.2'] },
      },
      serviceAt,
    ),
    'kube-proxy',
    'where we run',
    /of 2 requests to their service at 10\.96\.1\.1:80, 2 did not: timeout/,
  ],
  [
    'kube-proxy/service-address',
    'a share of the requests is lost',
    aRedRun(
      'http.connection_error',
      {
        probes: [
          ...podProbes(),
          ...['connection_error', '200', '200', 'connection_error', '200'].map((result) =>
            aProbe('service-ip', result),
          ),
        ],
      },
      serviceAt,
    ),
    'kube-proxy',
    'where we run',
    /of 3 requests .* 1 did not/,
  ],
  [
    'kube-proxy/node-port',
    'one node does not answer for a new service',
    aRedRun(
      'timeout.waiting_on_endpoints',
      {
        probes: [
          ...podProbes(),
          ...['node1', 'node2', 'node3'].map((node) => ({
            ...aProbe('node-port', node === 'node2' ? 'connection_error' : '200'),
            node,
          })),
        ],
      },
      { message: 'node2 did not answer', object: { kind: 'node', name: 'node2' } },
    ),
    'kube-proxy',
    'node2',
    /does not answer at node2 \(connection_error\), and does at node1, node3/,
  ],
  [
    'node-network/agents-unreachable',
    'pods of a node and of others do not reach each other',
    aRedRun('mesh.node_unreachable', undefined, { message: 'Pods on node2 and on other nodes', object: node2 }),
    'node-network',
    'node2',
    /^node2: Pods on node2/,
  ],
  [
    'node-network/agents-unreachable',
    'no agent answers from here',
    aRedRun('mesh.node_unreachable', undefined, { message: 'None of 3 agents answers this process' }),
    'node-network',
    'where we run',
    /^None of 3 agents/,
  ],
  [
    'node-network/large-answers-lost',
    'large answers of a node are lost',
    aRedRun('mesh.large_answers_lost', undefined, { message: 'Small answers pass', object: node2 }),
    'node-network',
    'node2',
    /^node2: Small answers pass/,
  ],
  [
    'node-network/slow-or-lossy',
    'the way to a node loses packets',
    aRedRun('mesh.slow', undefined, { message: 'The way to or from pods on node2 loses packets', object: node2 }),
    'node-network',
    'node2',
    /loses packets/,
  ],
  [
    'kube-proxy/of-one-node',
    'a new service does not answer from one node',
    aRedRun('mesh.service_unreachable', undefined, { message: 'A new service does not answer', object: node2 }),
    'kube-proxy',
    'node2',
    /does not answer/,
  ],
  [
    'kube-proxy/on-no-node',
    'a service answers on no node, and its endpoints are right',
    aRedRun(
      'timeout.waiting_on_endpoints',
      { pods: threePods(), endpoints: { ...endpoints, addresses: ['10.244.1.2', '10.244.2.2', '10.244.3.2'] } },
      {
        ...serviceAt,
        message: 'The service in front of the agents does not answer at its address, on none of 3 nodes',
      },
    ),
    'kube-proxy',
    'where we run',
    /on none of 3 nodes/,
  ],
  [
    'dns/of-one-node',
    'pods of one node get no answer from the DNS',
    aRedRun('mesh.dns_unreachable', undefined, { message: 'Pods on node2 get no answer', object: node2 }),
    'dns',
    'node2',
    /get no answer/,
  ],
  [
    'dns/name-unknown',
    'a name is unknown',
    aRedRun('dns.nxdomain', undefined, {
      message: 'web.e2e.svc: DNS server 10.96.0.10 says that the name does not exist (NXDOMAIN) after 2 ms',
    }),
    'dns',
    undefined,
    /^web\.e2e\.svc/,
  ],
  [
    'dns/name-unknown',
    'only the name does not work',
    aRedRun(
      'dns.refused',
      { probes: [...podProbes(), aProbe('service-ip'), aProbe('service-name', 'connection_error')] },
      { ...serviceAt, message: 'x: DNS server 10.96.0.10 refused to answer' },
    ),
    'dns',
    undefined,
    /answers at its address, not by its name/,
  ],
  [
    'kubelet/logs-incomplete',
    'logs lack requests',
    aRedRun(
      'k8s.log_incorrect',
      { pods: threePods() },
      { message: 'The log of pod/web-1-2 is empty', object: { kind: 'pod', name: 'web-1-2' } },
    ),
    'kubelet',
    'node2',
    /log of pod\/web-1-2 is empty/,
  ],
  [
    'kubelet/old-image',
    'a pod runs the old image',
    aRedRun('k8s.image_not_updated', { deployment: aDeployment(), pods: threePods() }),
    'kubelet',
    'node1, node2, node3',
    /asked to run nginx:1\.28-alpine/,
  ],
];

for (const [rule, what, run, component, part, says] of cases) {
  test(`${what}: ${component}${part ? ` (${part})` : ''}`, () => {
    const diagnosis = diagnoseRun(run);
    assert.deepEqual(
      [diagnosis?.rule, diagnosis?.component, diagnosis?.part],
      [rule, component, part],
      diagnosis?.sentence,
    );
    assert.match(diagnosis?.sentence ?? '', says);
    assert.ok(diagnosis?.sentence.endsWith('.'));
    assert.ok((diagnosis?.evidence.length ?? 0) > 0);
  });
}

test('every rule has a case here, and a name of its own', () => {
  const names = rules.map(({ name }) => name);
  assert.deepEqual([...new Set(names)], names);
  assert.deepEqual([...new Set(cases.map(([rule]) => rule))].sort(), [...names].sort());
});

test('what a webhook says of itself gets into no command', () => {
  const said = (group: string) => `conversion webhook for ${group}/v1, Kind=Widget failed: Post "https://x": refused`;
  assert.match(converterIn(said('example.com'))?.command ?? '', /grep example\.com$/);
  for (const group of ['$(reboot)', 'a;reboot', '`reboot`', 'a|reboot'])
    assert.equal(converterIn(said(group)), undefined, group);
});

test('a volume that was not found at first is no cause once its containers run', () => {
  const run = aRedRun('timeout.waiting_on_phase', {
    pods: threePods((index) => (index === 2 ? waiting('ContainerCreating') : {})),
    nodes: allNodes(notReady),
    events: [
      anEvent('FailedMount', 'pod/web-1-1', 'MountVolume.SetUp failed for volume "page" : configmap "page" not found'),
    ],
  });
  assert.equal(diagnoseRun(run)?.component, 'kubelet');
});

test('a run that passed, or was stopped, has no diagnosis', () => {
  assert.equal(diagnoseRun(aRun('http')), undefined);
  assert.equal(diagnoseRun(aRedRun('run.aborted', undefined, { blame: 'us' })), undefined);
});

test('without a rule that fits, the answer is unknown, with the finding and the evidence', () => {
  const diagnosis = diagnoseRun(
    aRedRun('timeout.events', { deployment: aDeployment(), pods: threePods(), replicaSets: [aReplicaSet()] }),
  );
  assert.deepEqual([diagnosis?.component, diagnosis?.rule, diagnosis?.confidence], ['unknown', 'none', 'possible']);
  assert.match(diagnosis?.sentence ?? '', /^No rule says which component it is: Expected 3 pods Ready/);
  assert.ok(diagnosis?.evidence.some((line) => line.startsWith('deployment/web')));
});

test('an evicted pod beside those of its replica set blames nobody', () => {
  const evicted = { ...threePods()[0]!, name: 'web-1-0', phase: 'Failed', conditions: [], containers: [] };
  const run = aRedRun('timeout.events', { pods: [...threePods(), evicted], replicaSets: [aReplicaSet()] });
  assert.equal(diagnoseRun(run)?.component, 'unknown');
});

test('a refusal that is over explains nothing of pods that are there', () => {
  const old = anEvent('FailedCreate', 'replicaset/web-1', quota);
  const pods = threePods(() => unschedulable);
  const run = aRedRun('timeout.events', { events: [old], pods, replicaSets: [aReplicaSet()] });
  assert.equal(diagnoseRun(run)?.component, 'capacity');
});

test('a pod that is gated is not called unschedulable', () => {
  const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }];
  const run = aRedRun('timeout.events', { pods: threePods(() => ({ ...unscheduled, conditions })) });
  assert.equal(diagnoseRun(run)?.component, 'unknown');
});

test('a connection that is refused is no cut network', () => {
  const probes = podProbes((index) => (index === 2 ? 'connection_error' : '200'), 'ECONNREFUSED');
  const run = aRedRun('http.connection_error', { pods: threePods(), probes });
  assert.equal(diagnoseRun(run)?.rule, 'workload/refuses-connections');
});

test('without evidence nothing is guessed', () => {
  assert.equal(diagnoseRun(aRedRun('timeout.events'))?.component, 'unknown');
});

test('what clean-up met is not the cause', () => {
  const cleanup = aStep('Clean up deployment/web', 'failed', {
    kind: 'cleanup',
    findings: [aFinding({ code: 'api.max_retries_exceeded', message: 'no answer' })],
  });
  const red = aRedRun('dns.servfail', undefined, { message: 'x: DNS server failed' });
  assert.equal(diagnoseRun({ ...red, steps: [...red.steps, cleanup] })?.component, 'dns');
  assert.equal(diagnoseRun(aFailedRun('http', { steps: [cleanup] })), undefined);
});

test('events of an earlier run in the same namespace prove nothing', () => {
  const old = anEvent('FailedCreate', 'replicaset/web-1', quota, { lastSeen: later(-60) });
  const run = aRedRun('timeout.events', { events: [old], pods: threePods(), replicaSets: [aReplicaSet()] });
  assert.equal(diagnoseRun(run)?.component, 'unknown');
});

test('a pod made in the second of the evidence has not been ignored yet', () => {
  const fresh = threePods(onNode2({ ...unscheduled, createdAt: later(60) }));
  assert.notEqual(diagnoseRun(aRedRun('timeout.events', { pods: fresh }))?.component, 'scheduler');
});

test('a container that has ended is the mark of a kubelet at work', () => {
  const ended = { ...dying(65), containers: [aContainer({ state: 'terminated', ready: false, exitCode: 0 })] };
  const run = aRedRun('k8s.not_deleted', { pods: threePods(onNode2(ended)).slice(1, 2) });
  assert.equal(diagnoseRun(run)?.component, 'unknown');
});

test('docs/diagnosis.md lists the rules as they are', () => {
  const head = ['rule', 'what is seen'];
  const rows = rules.map(({ name, seen }) => [name, seen]);
  table('docs/diagnosis.md', 'rules', head, rows);
  assert.equal(tableIn('docs/diagnosis.md', 'rules'), markdown(head, rows), 'run the test with WRITE_TABLES=1');
});

test('a conversion webhook is looked for in its CRD, not among the webhook configurations', () => {
  const message =
    'list widgets: conversion webhook for widgets.example.net/v1, Kind=Widget failed: Post "https://w": refused';
  const { command } = diagnoseRun(aRedRun('api.internal_server_error', {}, { message })) ?? {};
  assert.match(command ?? '', /^kubectl get crds -o custom-columns=\S+ \| grep widgets\.example\.net$/);
});
