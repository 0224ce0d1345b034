/** What a diagnosis must say for each fault of the real cluster: the table that fault windows assert with. */
import assert from 'node:assert/strict';
import { headlineOf } from '../../runtime/diagnosis/headline.ts';
import type { Component } from '../../runtime/model/diagnosis.ts';
import type { RunEvent } from '../../runtime/model/event.ts';
import type { RunResult } from '../../runtime/model/result.ts';

export interface ExpectedDiagnosis {
  readonly component: Component;
  /** Of the headline; several parts of one component make none. */
  readonly part?: string;
  /** What a single run may say as well; the headline may not. */
  readonly alike?: Component;
}

/** Words for `fault` → the diagnosis. A fault that turns no suite red has none. */
export const expectedDiagnoses: Readonly<Record<string, ExpectedDiagnosis>> = {
  'scheduler stop': { component: 'scheduler' },
  'scheduler pause': { component: 'scheduler' },
  'controller-manager stop': { component: 'controller-manager' },
  'controller-manager pause': { component: 'controller-manager' },
  'dns stop': { component: 'dns' },
  'dns pause': { component: 'dns' },
  'kube-proxy host stop': { component: 'kube-proxy', part: 'where we run' },
  'kube-proxy 2 stop': { component: 'kube-proxy', part: 'node2' },
  'kube-proxy host pause': { component: 'kube-proxy', part: 'where we run' },
  'kubelet 2 stop': { component: 'kubelet', part: 'node2' },
  'kubelet 2 pause': { component: 'kubelet', part: 'node2' },
  'containerd 2 stop': { component: 'kubelet', part: 'node2' },
  'containerd 2 pause': { component: 'kubelet', part: 'node2' },
  // Until the node is NotReady the API shows of a cut node what it shows of a stopped kubelet; only requests to it tell.
  'node 2 cut': { component: 'node-network', part: 'node2', alike: 'kubelet' },
  'contour stop': { component: 'ingress-controller' },
  'contour pause': { component: 'ingress-controller' },
  'envoy stop': { component: 'ingress-controller' },
  'envoy pause': { component: 'ingress-controller' },
  'apiserver stop': { component: 'api-server' },
  'apiserver pause': { component: 'api-server' },
  'etcd stop': { component: 'api-server' },
  'etcd pause': { component: 'api-server' },
};

export const faultsHead = ['fault', 'red suites', 'right', 'headline', 'first right headline', 'EVENT_TIMEOUT_SECONDS'];

/** Every red run names the component, and so does the headline over all of them. Returns the row of the table. */
export function assertDiagnosed(
  breaks: readonly string[],
  eventTimeoutSeconds: number,
  results: Iterable<RunResult>,
  clock: HeadlineClock,
): string[] {
  const { component, part, alike } = expectedFor(breaks);
  const all = [...results];
  const red = all.filter(({ status }) => status !== 'passed');
  const isRight = ({ diagnosis }: RunResult) =>
    diagnosis?.component === component || (alike !== undefined && diagnosis?.component === alike);
  const wrong = red.filter((result) => !isRight(result));
  const say = ({ suite, diagnosis }: RunResult) =>
    `${suite}: ${diagnosis?.component} by ${diagnosis?.rule}: ${diagnosis?.sentence} ${diagnosis?.evidence.join(' | ')}`;
  assert.deepEqual(wrong.map(say), [], `${component} is broken: ${breaks.join(' ')}`);
  const headline = headlineOf(all);
  assert.equal(headline?.component, component, headline?.sentence);
  assert.equal(headline?.part, part, headline?.sentence);
  const named = part ? `${component} (${part})` : component;
  const suites = red.map(({ suite }) => suite).join(', ');
  const time = clock.afterMs === undefined ? 'none' : `${(clock.afterMs / 1000).toFixed(1)} s`;
  return [breaks.join(' '), suites, `${red.length} of ${red.length}`, named, time, String(eventTimeoutSeconds)];
}

export function clockFor(breaks: readonly string[]): HeadlineClock {
  return headlineClock(expectedFor(breaks).component);
}

function expectedFor(breaks: readonly string[]): ExpectedDiagnosis {
  const expected = expectedDiagnoses[breaks.join(' ')];
  assert.ok(expected, `no diagnosis is expected for fault ${breaks.join(' ')}: add a row to test/cluster/diagnosis.ts`);
  return expected;
}

export interface HeadlineClock {
  readonly record: (event: RunEvent) => void;
  /** Call at the moment of the break. */
  start(): void;
  /** Milliseconds from the break to the first headline that named the component; undefined: none did. */
  readonly afterMs: number | undefined;
}

/** Takes the time from the break to the first right headline, over the verdicts as they come. */
export function headlineClock(component: Component): HeadlineClock {
  const latest = new Map<string, RunResult>();
  let began = 0;
  let afterMs: number | undefined;
  return {
    record: (event) => {
      if (event.type !== 'run-judged' || began === 0) return;
      latest.set(event.result.suite, event.result);
      if (headlineOf([...latest.values()])?.component === component) afterMs ??= performance.now() - began;
    },
    start: () => {
      began = performance.now();
    },
    get afterMs() {
      return afterMs;
    },
  };
}
