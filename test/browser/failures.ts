/** What can be wrong, as the suites and the diagnosis would tell it. */
import type { Diagnosis, Headline } from '../../runtime/model/diagnosis.ts';
import type { Evidence } from '../../runtime/model/evidence.ts';
import type { Finding } from '../../runtime/model/finding.ts';

export function evidence(at: Date, changes: Partial<Evidence> = {}): Evidence {
  return {
    at: at.toISOString(),
    replicaSets: [],
    pods: [],
    nodes: [],
    events: [],
    probes: [],
    logs: [],
    api: [],
    ...changes,
  };
}

/** kube-proxy stopped on node2: pods answer, the service does not. */
export function proxyFinding(at: Date): Finding {
  const instant = at.toISOString();
  const pod = (name: string, node: string, ip: string) => ({
    name,
    uid: name,
    createdAt: instant,
    image: 'nginx:1.27',
    node,
    ip,
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True' }],
    containers: [{ name: 'web', ready: true, state: 'running' as const, restarts: 0, image: 'nginx:1.27' }],
  });
  const names = ['kubee2etestapp-7d4b9c6f5-2xkqp', 'kubee2etestapp-7d4b9c6f5-9wrtz', 'kubee2etestapp-7d4b9c6f5-mhl8c'];
  return {
    code: 'timeout.waiting_on_endpoints',
    blame: 'cluster',
    message:
      'Expected an answer of service/kubee2etests at 10.96.41.7:80, saw none after 60.0 s; its 3 ready pods answer at their own addresses',
    count: 1,
    object: { kind: 'service', name: 'kubee2etests', namespace: 'kubee2etests-http' },
    evidence: evidence(at, {
      pods: names.map((name, index) => pod(name, `node${index + 1}`, `10.244.${index + 1}.17`)),
      endpoints: {
        service: 'kubee2etests',
        exists: true,
        api: 'endpointslice',
        addresses: ['10.244.1.17', '10.244.2.17', '10.244.3.17'],
        notReady: [],
      },
      nodes: names.map((_, index) => ({
        name: `node${index + 1}`,
        zone: `zone-${'abc'[index]}`,
        ready: true,
        unschedulable: false,
        taints: [],
      })),
      probes: [
        ...names.map((name, index) => ({
          target: 'pod' as const,
          to: `10.244.${index + 1}.17:80`,
          pod: name,
          node: `node${index + 1}`,
          result: '200',
          durationMs: 3,
        })),
        { target: 'service-ip', to: '10.96.41.7:80', result: 'timeout', durationMs: 5_000 },
      ],
      events: [
        {
          type: 'Normal',
          reason: 'ScalingReplicaSet',
          message: 'Scaled up replica set kubee2etestapp-7d4b9c6f5 to 3',
          object: { kind: 'deployment', name: 'kubee2etestapp' },
          count: 1,
          lastSeen: instant,
          source: 'deployment-controller',
        },
      ],
      logs: [
        {
          pod: names[1]!,
          lines: [
            '10.244.0.1 - - "GET / HTTP/1.1" 200 612 "-" "kube-e2etests/mhttp01u-4"',
            '10.244.0.1 - - "GET / HTTP/1.1" 200 612 "-" "kube-e2etests/mhttp01u-7"',
          ],
        },
      ],
    }),
  };
}

export const forbidden: Finding = {
  code: 'k8s.prerequisite_missing',
  blame: 'us',
  message:
    'Namespace kubee2etests-deployment-scale does not exist; manifests/namespaces.yaml makes it, or set CREATE_NAMESPACES=true',
  count: 1,
  object: { kind: 'namespace', name: 'kubee2etests-deployment-scale' },
};

export const proxyDiagnosis: Diagnosis = {
  component: 'kube-proxy',
  part: 'node2',
  confidence: 'likely',
  sentence:
    'All 3 pods answer at their own addresses within 3 ms, but their Service does not answer at 10.96.41.7 from node2, where this process runs.',
  evidence: [
    '10.244.1.17:80, 10.244.2.17:80 and 10.244.3.17:80 answered 200',
    '10.96.41.7:80 did not answer within 60 s',
    'The EndpointSlice has 3 ready addresses',
  ],
  command: 'kubectl -n kube-system get pods -l k8s-app=kube-proxy -o wide --field-selector spec.nodeName=node2',
  rule: 'service-address-dead',
};

export function headlineOf(since: Date): Headline {
  return {
    ...proxyDiagnosis,
    since: since.toISOString(),
    suites: ['http', 'http_update'],
    unexplained: ['deployment_scale'],
  };
}
