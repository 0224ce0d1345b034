/** The one description of the metrics: statsd names and Prometheus names are both made from it. */
import type { Component, Headline } from '../model/diagnosis.ts';
import type { RunEvent } from '../model/event.ts';
import type { Finding } from '../model/finding.ts';
import type { Measurement } from '../model/measurement.ts';
import type { RunResult, Verdict } from '../model/result.ts';

export interface Metric {
  readonly type: 'timer' | 'counter' | 'gauge';
  /** The parts of the statsd name after the metric's own, in order. */
  readonly parts: readonly string[];
  readonly help: string;
  readonly prometheus: {
    readonly name: string;
    /** One for each part, in the same order. */
    readonly labels: readonly string[];
  };
}

/** statsd name, after the prefix → what it is. Timers are milliseconds in statsd and seconds in Prometheus. */
export const metrics = {
  action: {
    type: 'timer',
    parts: ['namespace', 'resource', 'action'],
    help: 'How long the cluster took for one action; http_get: the request alone',
    prometheus: { name: 'e2etest_action_duration_seconds', labels: ['target_namespace', 'resource', 'action'] },
  },
  http: {
    type: 'counter',
    parts: ['namespace', 'resource', 'result'],
    help: 'Requests to pods and services by status code, wrong_response, connection_error or timeout',
    prometheus: { name: 'e2etest_http_requests_total', labels: ['target_namespace', 'resource', 'result'] },
  },
  errors: {
    type: 'counter',
    parts: ['namespace', 'resource', 'area', 'error'],
    help: 'Findings by code (area.error)',
    prometheus: { name: 'e2etest_errors_total', labels: ['target_namespace', 'resource', 'area', 'error'] },
  },
  dns: {
    type: 'counter',
    parts: ['result'],
    help: 'DNS look-ups: healthy, nxdomain, servfail, refused, timeout or no_answer',
    prometheus: { name: 'e2etest_dns_lookups_total', labels: ['result'] },
  },
  run: {
    type: 'counter',
    parts: ['suite', 'status'],
    help: 'Finished runs: passed, failed, errored or unsupported; maintenance where a part of it was in a maintenance window',
    prometheus: { name: 'e2etest_runs_total', labels: ['suite', 'status'] },
  },
  run_duration: {
    type: 'timer',
    parts: ['suite'],
    help: 'From the start of a run to its verdict',
    prometheus: { name: 'e2etest_run_duration_seconds', labels: ['suite'] },
  },
  last_run: {
    type: 'gauge',
    parts: ['suite'],
    help: 'When the last run ended, in seconds since 1970',
    prometheus: { name: 'e2etest_last_run_timestamp_seconds', labels: ['suite'] },
  },
  stale_after: {
    type: 'gauge',
    parts: ['suite'],
    help: 'How old the last run may be before it says nothing of now, in seconds',
    prometheus: { name: 'e2etest_stale_after_seconds', labels: ['suite'] },
  },
  maintenance_until: {
    type: 'gauge',
    parts: ['suite'],
    help: 'When the maintenance under way ends, or the last one ended, in seconds since 1970; 0 where there was none',
    prometheus: { name: 'e2etest_maintenance_until_timestamp_seconds', labels: ['suite'] },
  },
  suite_state: {
    type: 'gauge',
    parts: ['suite', 'state'],
    help: '1 for the verdict of the last run, passed, failed, errored or unsupported, else 0',
    prometheus: { name: 'e2etest_suite_state', labels: ['suite', 'state'] },
  },
  suite_slow: {
    type: 'gauge',
    parts: ['suite'],
    help: '1 while the last run has passed and took longer than the limit of its suite, else 0',
    prometheus: { name: 'e2etest_suite_slow', labels: ['suite'] },
  },
  diagnosis: {
    type: 'gauge',
    parts: ['suite', 'component'],
    help: '1 for the component that the headline names as broken, by a suite that it explains; else 0',
    prometheus: { name: 'e2etest_diagnosis', labels: ['suite', 'component'] },
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

export const statsdPrefix = 'e2etest.';

/** Upper bounds of the histograms, in seconds: requests take milliseconds, rollouts up to the deadline of a run. */
export const bucketsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 240];

/** One figure. Timers: milliseconds; counters: how many more. */
export interface Sample {
  readonly metric: MetricName;
  /** Cut to [A-Za-z0-9_-]; one for each part of the metric. */
  readonly parts: readonly string[];
  readonly value: number;
}

/** Every component that a headline can name. */
export const components = Object.keys({
  scheduler: 0,
  'controller-manager': 0,
  kubelet: 0,
  'node-network': 0,
  'kube-proxy': 0,
  dns: 0,
  'ingress-controller': 0,
  registry: 0,
  admission: 0,
  quota: 0,
  rbac: 0,
  'api-server': 0,
  storage: 0,
  workload: 0,
  capacity: 0,
  setup: 0,
  knative: 0,
  unknown: 0,
} satisfies Record<Component, 0>) as readonly Component[];

/** Milliseconds after which a result of the suite is stale. */
export type StaleAfter = (suite: string) => number;

const usuallyStaleAfter: StaleAfter = () => 20 * 60_000;

/** Whether the last run of the suite was slow. */
export type IsSlow = (suite: string) => boolean;

/** What of a suite no event says. */
export interface Standing {
  /** Default: 20 minutes. */
  readonly staleAfterMs?: StaleAfter;
  /** Default: none is. */
  readonly isSlow?: IsSlow;
  /** Whether a part of the run was in a maintenance window. Default: none was. */
  readonly inMaintenance?: (run: RunResult) => boolean;
  /** When the maintenance under way ends, or the last one ended, milliseconds since 1970. Default: there was none. */
  readonly maintenanceEnd?: () => number;
}

/** What an event adds to the figures. `headline`, `standing`: as it is after the event. */
export function samplesOf(
  event: RunEvent,
  headline: () => Headline | undefined,
  standing: Standing = {},
): readonly Sample[] {
  if (event.type === 'step-finished') {
    const { namespace, step } = event;
    return [
      ...step.measurements.map((measurement) => measured(namespace, measurement)),
      ...step.findings.map((finding) => found(namespace, finding)),
    ];
  }
  if (event.type !== 'run-finished') return [];
  const { suite, status, durationMs, finishedAt } = event.result;
  const { staleAfterMs = usuallyStaleAfter, isSlow = () => false, inMaintenance = () => false } = standing;
  return [
    sample('run', [suite, inMaintenance(event.result) ? 'maintenance' : status], 1),
    sample('run_duration', [suite], durationMs),
    sample('last_run', [suite], Math.round(Date.parse(finishedAt) / 1000)),
    sample('stale_after', [suite], Math.round(staleAfterMs(suite) / 1000)),
    slowSample(suite, isSlow),
    maintenanceSample(suite, standing),
    ...verdicts.map((state) => sample('suite_state', [suite, state], state === status ? 1 : 0)),
    ...diagnosisSamples(suite, headline()),
  ];
}

const verdicts = Object.keys({ passed: 0, failed: 0, errored: 0, unsupported: 0 } satisfies Record<
  Verdict,
  0
>) as readonly Verdict[];
const dnsResults = ['healthy', 'nxdomain', 'servfail', 'refused', 'timeout', 'no_answer'];

/** Counters that can be named before anything is counted begin at 0: the first red run is then an increase. */
export function firstSamples(suites: readonly string[]): readonly Sample[] {
  return [
    ...suites.flatMap((suite) => verdicts.map((status) => sample('run', [suite, status], 0))),
    ...dnsResults.map((result) => sample('dns', [result], 0)),
  ];
}

export function maintenanceSample(suite: string, { maintenanceEnd = () => 0 }: Standing): Sample {
  return sample('maintenance_until', [suite], Math.round(maintenanceEnd() / 1000));
}

export function slowSample(suite: string, isSlow: IsSlow): Sample {
  return sample('suite_slow', [suite], isSlow(suite) ? 1 : 0);
}

/**
 * 1 for the component that is broken, 0 for every other, as far as the headline explains the suite. The suite is a part of the name, since of several
 * processes that send one gauge the last would win.
 */
export function diagnosisSamples(suite: string, headline: Headline | undefined): readonly Sample[] {
  const broken = headline?.suites.includes(suite) ? headline.component : undefined;
  return components.map((component) => sample('diagnosis', [suite, component], component === broken ? 1 : 0));
}

function measured(namespace: string, measurement: Measurement): Sample {
  switch (measurement.kind) {
    case 'action':
      return sample('action', [namespace, measurement.resource, measurement.action], measurement.durationMs);
    case 'http':
      return sample('http', [namespace, measurement.resource, measurement.result], 1);
    case 'dns':
      return sample('dns', [measurement.result], 1);
  }
}

/** A finding on no object counts under its area: `errors.<namespace>.dns.dns.timeout`. */
function found(namespace: string, { code, count, object }: Finding): Sample {
  const [area, error] = code.split('.') as [string, string];
  return sample('errors', [namespace, object?.kind ?? area, area, error], count);
}

function sample(metric: MetricName, parts: readonly string[], value: number): Sample {
  return { metric, parts: parts.map(cutName), value };
}

/** One part of a name: a dot in it would be two parts, nothing at all none. */
function cutName(part: string): string {
  return part.replace(/[^A-Za-z0-9_-]/g, '') || 'none';
}
