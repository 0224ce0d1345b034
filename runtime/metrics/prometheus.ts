import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Headline, Sink } from '../model.ts';
import { bucketsSeconds, headlineSamples, type Metric, metrics, type Sample, samplesOf } from './catalogue.ts';

export interface Prometheus extends Sink {
  readonly contentType: string;
  /** The figures as GET /metrics serves them. */
  text(): Promise<string>;
}

/** Keeps the figures in a registry of its own. `headline`: asked at every look, since it also ends when results grow old. */
export function createPrometheus(headline: () => Headline | undefined): Prometheus {
  const registry = new Registry();
  const add = Object.fromEntries(
    Object.entries(metrics).map(([name, metric]) => [name, adder(metric, registry)]),
  ) as Record<Sample['metric'], (sample: Sample) => void>;

  return {
    name: 'prometheus',
    contentType: registry.contentType,
    record(event) {
      for (const sample of samplesOf(event, headline)) add[sample.metric](sample);
    },
    text() {
      for (const sample of headlineSamples(headline())) add.diagnosis(sample);
      return registry.metrics();
    },
  };
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
