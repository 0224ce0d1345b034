/** Runs as the ten suites leave them: realistic steps, durations and evidence, the same every time. */
import type { Diagnosis } from '../../runtime/model/diagnosis.ts';
import type { Finding } from '../../runtime/model/finding.ts';
import type { Judgement, RunResult, StepResult } from '../../runtime/model/result.ts';

const pods = ['Wait on pods ready', 'Read service endpoints (3)'];
const requests = [
  'HTTP request each pod',
  'Request service by ip 6 times',
  'Request service by hostname 6 times',
  'Validate pod logs',
];

/** Suite → its steps with their usual milliseconds. */
const usual: Readonly<Record<string, readonly (readonly [name: string, ms: number])[]>> = {
  namespace: timed(
    [
      'Create Namespace',
      'Check Namespace exists',
      'Check namespace empty',
      'Delete Namespace',
      'Check Namespace deleted',
    ],
    [14, 6, 31, 12, 5120],
  ),
  deployment: timed(
    [
      'Create ConfigMap',
      'Create Deployment',
      'Check Deployment exists',
      'Wait on pod scheduling',
      'Wait on pods ready',
      'Check pods on different nodes',
      'Check pods on different data centres',
      'Delete Deployment',
      'Check Deployment deleted',
      'Watch pod deletion',
      'Check pods are deleted',
      'Delete ConfigMap',
      'Check ConfigMap deleted',
    ],
    [9, 12, 5, 38, 840, 1, 22, 11, 35, 870, 6, 8, 5],
  ),
  deployment_update: timed(
    ['Update deployment', 'Wait on rollout', 'Check old pods are deleted', 'Check all pods run the new image'],
    [14, 2710, 320, 8],
  ),
  deployment_scale: timed(
    [
      'Scale deployment to 0 replicas',
      'Check pods are marked for deletion',
      'Watch pod deletion',
      'Check pods are deleted',
    ],
    [11, 34, 1290, 7],
  ),
  service: timed(
    ['Create Service', 'Check Service exists', 'Read service endpoints (0)', 'Delete Service', 'Check Service deleted'],
    [10, 4, 18, 9, 6],
  ),
  deployment_service: timed(pods, [18, 12]),
  deployment_scale_service: timed(
    ['Scale deployment to 0 replicas', 'Read service endpoints (0)', 'Read service endpoints (3)'],
    [12, 61, 1240],
  ),
  http: timed([...pods, ...requests], [14, 9, 21, 260, 48, 130]),
  http_update: timed(
    ['Update deployment', 'Wait on rollout', 'Check all pods run the new image', ...requests],
    [13, 2840, 7, 22, 250, 44, 140],
  ),
  dns: timed(['Resolve kubernetes.default.svc.cluster.local'], [4]),
};

export const suiteNames = Object.keys(usual);

export function stepsOf(suite: string): readonly string[] {
  return (usual[suite] ?? []).map(([name]) => name);
}

export interface RunParts {
  readonly finishedAt: Date;
  readonly number: number;
  /** The step that ends the run, with what was found. */
  readonly broken?: { readonly step: string; readonly ms: number; readonly findings: readonly Finding[] };
  readonly status?: Judgement;
  readonly diagnosis?: Diagnosis;
  readonly recovered?: RunResult['recovered'];
}

export function runOf(
  suite: string,
  { finishedAt, number, broken, status = 'passed', diagnosis, recovered = [] }: RunParts,
): RunResult {
  const wobble = (index: number) => 0.85 + ((number * 7 + index * 13) % 31) / 100;
  const plan = usual[suite]!.map(([name, ms], index) => ({
    name,
    ms: name === broken?.step ? broken.ms : ms * wobble(index),
  }));
  const stop = broken ? plan.findIndex(({ name }) => name === broken.step) : plan.length;
  const durationMs = plan.slice(0, stop + 1).reduce((sum, { ms }) => sum + ms, 0);
  let clock = finishedAt.getTime() - durationMs;
  const take = (ms: number) => {
    clock += ms;
    return new Date(clock - ms).toISOString();
  };
  const startedAt = new Date(clock).toISOString();
  const steps = plan.map(({ name, ms }, index): StepResult => {
    const base = { name, kind: 'step', measurements: [], notes: [] } as const;
    if (index > stop) return { ...base, status: 'skipped', startedAt: '', durationMs: 0, findings: [] };
    const isBroken = index === stop;
    return {
      ...base,
      status: isBroken ? status : 'passed',
      startedAt: take(ms),
      durationMs: ms,
      findings: isBroken ? broken!.findings : [],
      notes: notesOf(name),
    };
  });
  const cleanup: StepResult = {
    name: `Remove what ${suite} made`,
    kind: 'cleanup',
    status: 'passed',
    startedAt: take(64),
    durationMs: 64,
    findings: [],
    measurements: [],
    notes: [],
  };
  const recovery = recovered.map(
    (ref): StepResult => ({
      name: `Remove ${ref.kind}/${ref.name}`,
      kind: 'recovery',
      status: 'passed',
      startedAt,
      durationMs: 41,
      findings: [],
      measurements: [],
      notes: [],
    }),
  );
  return {
    id: `m${suite.replaceAll('_', '')}${number.toString(36).padStart(3, '0')}`,
    suite,
    namespace: suite === 'dns' ? '' : `kubee2etests-${suite.replaceAll('_', '-')}`,
    trigger: 'schedule',
    status,
    startedAt,
    finishedAt: finishedAt.toISOString(),
    durationMs,
    steps: suite === 'dns' ? steps : [...recovery, ...steps, cleanup],
    recovered,
    apiRequests: { total: suite === 'dns' ? 0 : 9 + (number % 3), watches: suite === 'dns' ? 0 : 2, retries: 0 },
    ...(diagnosis && { diagnosis }),
  };
}

function notesOf(step: string): readonly string[] {
  return step === 'Check pods on different nodes' ? ['3 pods on node1, node2, node3'] : [];
}

function timed(names: readonly string[], ms: readonly number[]) {
  return names.map((name, index) => [name, ms[index]!] as const);
}
