/** What a diagnosis must say for each fault of the real cluster: the table that fault windows assert with. */
import assert from 'node:assert/strict';
import { headlineOf } from '../../runtime/diagnosis/headline.ts';
import type { Component, RunEvent, RunResult } from '../../runtime/model.ts';

export interface ExpectedDiagnosis {
  readonly component: Component;
  /** Of the headline; several parts of one component make none. */
  readonly part?: string;
  /** Suites whose evidence cannot tell, with what they say instead and why that is so. */
  readonly elsewise?: Readonly<Record<string, Component>>;
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
  'kube-proxy host pause': { component: 'kube-proxy', part: 'where we run' },
  'kubelet 2 stop': { component: 'kubelet', part: 'node2' },
  'kubelet 2 pause': { component: 'kubelet', part: 'node2' },
  'containerd 2 stop': { component: 'kubelet', part: 'node2' },
  'containerd 2 pause': { component: 'kubelet', part: 'node2' },
  'node 2 cut': { component: 'node-network', part: 'node2' },
  'apiserver stop': { component: 'api-server' },
  'apiserver pause': { component: 'api-server' },
  'etcd stop': { component: 'api-server' },
  'etcd pause': { component: 'api-server' },
};

/** Every red run names the component, and so does the headline over all of them. */
export function assertDiagnosed(breaks: readonly string[], results: Iterable<RunResult>): void {
  const expected = expectedDiagnoses[breaks.join(' ')];
  assert.ok(expected, `no diagnosis is expected for fault ${breaks.join(' ')}: add a row`);
  const all = [...results];
  for (const { suite, status, diagnosis } of all) {
    const component: Component | undefined =
      status === 'passed' ? undefined : (expected.elsewise?.[suite] ?? expected.component);
    assert.equal(diagnosis?.component, component, `${suite}: ${diagnosis?.rule}: ${diagnosis?.sentence}`);
  }
  const headline = headlineOf(all);
  assert.equal(headline?.component, expected.component, headline?.sentence);
  assert.equal(headline?.part, expected.part, headline?.sentence);
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
