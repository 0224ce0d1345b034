/** The states of the page that matter: what is in the store in each. */
import type { FaultState } from '../../runtime/dashboard/scene.ts';
import type { Store } from '../../runtime/memory/store.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import type { Area } from '../../runtime/model/suite.ts';
import { play } from '../results.ts';
import { forbidden, headlineOf, proxyDiagnosis, proxyFinding } from './failures.ts';
import { type Clock, minute } from './fixtures.ts';
import { runOf, stepsOf, suiteNames } from './runs.ts';

const rounds = 40;
const apart = 3 * minute;

/** Forty rounds of ten suites, the last a minute ago, two failures long past. */
export function healthy(store: Store, clock: Clock): void {
  for (let round = rounds; round > 0; round -= 1) playRound(store, clock, round);
}

function playRound(store: Store, clock: Clock, round: number): void {
  for (const [index, suite] of suiteNames.entries()) {
    const finishedAt = new Date(clock.now().getTime() - round * apart + 2 * minute + index * 5_000);
    const number = rounds - round;
    const wasBad = suite === 'http' && (number === 17 || number === 18);
    play(store, wasBad ? failedHttp(finishedAt, number, suite) : runOf(suite, { finishedAt, number }));
  }
}

function failedHttp(finishedAt: Date, number: number, suite: string): RunResult {
  const step = 'Request service by ip 6 times';
  return runOf(suite, {
    finishedAt,
    number,
    status: 'failed',
    broken: { step, ms: 60_020, findings: [proxyFinding(finishedAt)] },
    diagnosis: proxyDiagnosis,
  });
}

/** As `healthy`, and then http takes half a minute. */
export function slow(store: Store, clock: Clock): void {
  healthy(store, clock);
  const finishedAt = new Date(clock.now().getTime() - 20_000);
  play(store, { ...runOf('http', { finishedAt, number: rounds }), durationMs: 31_400 });
}

/** Thirty suites of every area, two of them red: as many as there will be. */
export const manySuites: readonly string[] = [
  ...suiteNames,
  ...Array.from({ length: 20 }, (_, index) => `a_suite_with_a_long_name_${index}`),
];

export function areaOf(suite: string): Area {
  if (suite === 'namespace') return 'control plane';
  if (suite.startsWith('deployment')) return 'workloads';
  if (suite === 'dns') return 'names';
  const last = Number(suite.split('_').at(-1));
  return last % 3 === 1 ? 'storage' : last % 3 === 2 ? 'nodes' : 'network';
}

/** As `broken`, among many that pass. */
export function brokenAmongMany(store: Store, clock: Clock): void {
  broken(store, clock);
  for (const [index, suite] of manySuites.slice(suiteNames.length).entries()) {
    const finishedAt = new Date(clock.now().getTime() - minute - index * 1_000);
    const run = runOf('service', { finishedAt, number: 100 + index });
    play(store, { ...run, suite, id: `many${index}`, namespace: `kubee2etests-${suite.replaceAll('_', '-')}` });
  }
}

/** kube-proxy is down: http and http_update fail, one suite cannot judge, one is under way, another process tells of two. */
export function broken(store: Store, clock: Clock): void {
  healthy(store, clock);
  const ago = (seconds: number) => new Date(clock.now().getTime() - seconds * 1000);
  for (const number of [rounds, rounds + 1]) {
    play(
      store,
      failedHttp(ago(number === rounds ? 320 : 41), number, 'http'),
      failedHttp(ago(number === rounds ? 310 : 35), number, 'http_update'),
    );
  }
  play(
    store,
    runOf('deployment_scale', {
      finishedAt: ago(20),
      number: rounds,
      status: 'errored',
      broken: { step: 'Scale deployment to 0 replicas', ms: 9, findings: [forbidden] },
    }),
  );
  play(
    store,
    runOf('service', {
      finishedAt: ago(15),
      number: rounds,
      recovered: [{ kind: 'service', name: 'kubee2etests', namespace: 'kubee2etests-service' }],
    }),
  );
  remote(store, clock);
  reported(store, clock);
  underway(store, clock);
}

export function remote(store: Store, clock: Clock): void {
  const at = new Date(clock.now().getTime() - 50_000).toISOString();
  store.recordRemote({
    name: 'Create Volume',
    namespace: 'storage-tests',
    passing: true,
    details: [],
    at,
    suite: 'volume',
    durationMs: 1_840,
  });
  store.recordRemote({
    name: 'Mount Volume',
    namespace: 'storage-tests',
    passing: true,
    details: [],
    at,
    suite: 'volume',
    durationMs: 3_310,
  });
  store.recordRemote({
    name: 'Pull image',
    namespace: 'registry-tests',
    passing: true,
    details: [['slow answer', 2]],
    at,
  });
}

/** Suites that other processes run and report whole, as on Knative. */
export function reported(store: Store, clock: Clock): void {
  for (const number of [1, 2, 3]) {
    const finishedAt = new Date(clock.now().getTime() - (4 - number) * 60_000);
    store.recordReported({ ...runOf('service', { finishedAt, number }), suite: 'service_edge', id: `redge${number}` });
  }
}

export function underway(store: Store, clock: Clock): void {
  const suite = 'deployment';
  const began = new Date(clock.now().getTime() - 47_000);
  const done = runOf(suite, { finishedAt: new Date(began.getTime() + 1_850), number: rounds + 2 });
  const { id: run, namespace } = done;
  store.record({
    type: 'run-started',
    run,
    suite,
    namespace,
    trigger: 'http',
    at: began.toISOString(),
    steps: stepsOf(suite),
  });
  for (const step of done.steps.slice(0, 4)) {
    store.record({ type: 'step-started', run, suite, step: step.name, kind: 'step', at: step.startedAt });
    store.record({ type: 'step-finished', run, suite, namespace, step });
  }
  const step = 'Wait on pods ready';
  store.record({
    type: 'step-started',
    run,
    suite,
    step,
    kind: 'step',
    at: new Date(began.getTime() + 70).toISOString(),
  });
  const message = '2 of 3 pods Ready; kubee2etestapp-7d4b9c6f5-9wrtz on node2: scheduled 41 s ago, no container status';
  store.record({ type: 'waiting', run, suite, step, message, at: clock.now().toISOString() });
}

/** The diagnosis of the broken state, as the fold over all suites gives it. */
export function brokenHeadline(clock: Clock) {
  const since = new Date(clock.now().getTime() - 320_000);
  return (latest: readonly RunResult[]) =>
    latest.filter((run) => run.diagnosis && run.status === 'failed').length > 1 ? headlineOf(since) : undefined;
}

export function faults(): FaultState[] {
  return [
    { name: 'kube-proxy-stopped', on: true, description: 'Service addresses no longer answer; pods still do' },
    { name: 'scheduler-stopped', on: false, description: 'New pods stay without a node' },
    { name: 'image-pull-fails', on: false, description: 'Every image pull ends in ErrImagePull' },
    { name: 'dns-servfail', on: false, description: 'The DNS server answers SERVFAIL' },
  ];
}
