import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Headline } from '../model/diagnosis.ts';
import type { Sink } from '../model/event.ts';
import {
  bucketsSeconds,
  diagnosisSamples,
  firstSamples,
  type Metric,
  maintenanceSample,
  metrics,
  type Sample,
  type Standing,
  samplesOf,
  slowSample,
} from './metric-catalogue.ts';

export interface Prometheus extends Sink {
  readonly contentType: string;
  /** The figures as GET /metrics serves them. */
  text(): Promise<string>;
}

/** What runs, and against which cluster. */
export interface Build extends Standing {
  readonly version: string;
  /** The cluster's name, as far as it is known by now. */
  cluster(): string;
  /** Those that this process runs. */
  readonly suites: readonly string[];
  /** Those whose runs other processes reported. Default: none. */
  readonly reported?: () => readonly string[];
  /** How the history file is written. Default: there is none. */
  readonly history?: () => { readonly isWritable: boolean; readonly waiting: number; readonly lost: number };
}

/** Keeps the figures in a registry of its own. `headline`: asked at every look, since it also ends when results grow old. */
export function createPrometheus(headline: () => Headline | undefined, build?: Build): Prometheus {
  const registry = new Registry();
  if (build) addBuildInfo(registry, build);
  if (build?.history) addHistory(registry, build.history);
  if (build?.maintenanceEnd) addMaintenance(registry, build.maintenanceEnd);
  const add = Object.fromEntries(
    Object.entries(metrics).map(([name, metric]) => [name, adder(metric, registry)]),
  ) as Record<Sample['metric'], (sample: Sample) => void>;
  for (const sample of firstSamples(build?.suites ?? [])) add[sample.metric](sample);

  return {
    name: 'prometheus',
    contentType: registry.contentType,
    record(event) {
      for (const sample of samplesOf(event, headline, build)) add[sample.metric](sample);
    },
    text() {
      const now = headline();
      const known = new Set([...(build?.suites ?? []), ...(build?.reported?.() ?? []), ...(now?.suites ?? [])]);
      for (const suite of known) for (const sample of diagnosisSamples(suite, now)) add.diagnosis(sample);
      if (build?.isSlow) for (const suite of known) add.suite_slow(slowSample(suite, build.isSlow));
      if (build) for (const suite of build.suites) add.maintenance_until(maintenanceSample(suite, build));
      return registry.metrics();
    },
  };
}

/** A gauge that is always 1, to be joined with the others by its labels. */
function addBuildInfo(registry: Registry, { version, cluster }: Build): void {
  new Gauge({
    name: 'e2etest_build_info',
    help: '1; which version tests which cluster',
    labelNames: ['version', 'cluster'],
    registers: [registry],
    collect() {
      this.reset();
      this.labels(version, cluster()).set(1);
    },
  });
}

function addMaintenance(registry: Registry, end: () => number): void {
  new Gauge({
    name: 'e2etest_maintenance',
    help: '1 while a maintenance is under way, else 0',
    registers: [registry],
    collect() {
      this.set(end() > Date.now() ? 1 : 0);
    },
  });
}

function addHistory(registry: Registry, state: NonNullable<Build['history']>): void {
  const registers = [registry];
  new Gauge({
    name: 'e2etest_history_writable',
    help: '1 while the history file is written, else 0',
    registers,
    collect() {
      this.set(state().isWritable ? 1 : 0);
    },
  });
  new Gauge({
    name: 'e2etest_history_waiting',
    help: 'Changes that are not in the history file yet',
    registers,
    collect() {
      this.set(state().waiting);
    },
  });
  new Counter({
    name: 'e2etest_history_lost_total',
    help: 'Changes that could not be written to the history file and were given up',
    registers,
    collect() {
      this.reset();
      this.inc(state().lost);
    },
  });
}

function adder(metric: Metric, registry: Registry): (sample: Sample) => void {
  const { name, labels } = metric.prometheus;
  const options = { name, help: metric.help, labelNames: labels, registers: [registry] };
  switch (metric.type) {
    case 'counter': {
      const counter = new Counter(options);
      return ({ parts, value }) => counter.labels(...parts).inc(value);
    }
    case 'gauge': {
      const gauge = new Gauge(options);
      return ({ parts, value }) => gauge.labels(...parts).set(value);
    }
    case 'timer': {
      const histogram = new Histogram({ ...options, buckets: bucketsSeconds });
      return ({ parts, value }) => histogram.labels(...parts).observe(value / 1000);
    }
  }
}
