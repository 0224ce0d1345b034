/** Rules, dashboard and mapping speak of metrics that exist, by the names and labels of the catalogue. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { bucketsSeconds, type Metric, metrics, statsdPrefix } from '../../runtime/sinks/metric-catalogue.ts';
import { only, read, root } from '../deploy/manifests.ts';
import { applyMapping, type Mapping } from '../deploy/mapping.ts';
import { fillGrafana, mentionedIn } from '../deploy/promql.ts';

const text = (file: string) => readFileSync(join(root, file), 'utf8');
const mappingFile = parse(text('manifests/components/statsd-mapping/mapping.yaml'));
const mappings = mappingFile.mappings as readonly Mapping[];
const catalogue = Object.entries(metrics) as [string, Metric][];
const typeOf = { timer: 'observer', counter: 'counter', gauge: 'gauge' } as const;

/** Names as Prometheus has them, and the labels of each. */
const series = new Map<string, readonly string[]>(
  catalogue.flatMap(
    ([
      ,
      {
        type,
        prometheus: { name, labels },
      },
    ]) =>
      type === 'timer'
        ? [
            [`${name}_bucket`, [...labels, 'le']] as const,
            [`${name}_sum`, labels] as const,
            [`${name}_count`, labels] as const,
          ]
        : [[name, labels] as const],
  ),
);
for (const name of ['_total', '_seconds_count', '']) series.set(`e2etest_unmapped${name}`, []);

const rules = only(read('contrib/prometheus-rule.yaml'), 'PrometheusRule', 'kube-e2etests').spec.groups.flatMap(
  ({ rules }: { rules: readonly Rule[] }) => rules,
) as readonly Rule[];

const sloRules = only(read('contrib/prometheus-slo.yaml'), 'PrometheusRule', 'kube-e2etests-slo').spec.groups.flatMap(
  ({ rules }: { rules: readonly Rule[] }) => rules,
) as readonly Rule[];
for (const { record } of sloRules) if (record) series.set(record, ['suite']);

interface Rule {
  readonly record?: string;
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

interface Panel {
  readonly title: string;
  readonly description: string;
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const dashboard = JSON.parse(text('contrib/grafana-dashboard.json')) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
};
const queries = dashboard.panels.flatMap(({ title, targets }) => targets.map((target) => ({ title, ...target })));

/** Every metric of the expression exists, and every label belongs to one of them. */
function checkExpression(expression: string, where: string): readonly string[] {
  const mentioned = mentionedIn(expression);
  assert.ok(mentioned.metrics.length > 0, where);
  const known = new Set(
    mentioned.metrics.flatMap((name) => series.get(name) ?? assert.fail(`${where}: no metric ${name}`)),
  );
  for (const label of mentioned.labels) assert.ok(known.has(label), `${where}: no label ${label}`);
  return mentioned.metrics;
}

test('the statsd mapping gives every metric of the catalogue its Prometheus name and labels', () => {
  for (const [name, { type, parts, prometheus }] of catalogue) {
    const values = parts.map((part) => `some-${part}`);
    const mapped = applyMapping(mappings, [statsdPrefix + name, ...values].join('.'), typeOf[type]);
    assert.deepEqual(mapped, {
      name: prometheus.name,
      labels: Object.fromEntries(prometheus.labels.map((label, index) => [label, values[index]])),
    });
  }
});

test('a name that the mapping does not know is counted as unmapped, by its type', () => {
  for (const [type, name] of [
    ['counter', 'e2etest_unmapped_total'],
    ['observer', 'e2etest_unmapped_seconds'],
    ['gauge', 'e2etest_unmapped'],
  ] as const)
    assert.equal(applyMapping(mappings, 'e2etest.run.one.part.too.many', type)?.name, name);
  assert.equal(applyMapping(mappings, 'other.run.http.passed', 'counter'), undefined);
});

test('a star of the mapping is one part, never more and never none of the dots', () => {
  const [mapping] = [{ match: 'a.*.c', name: 'x', labels: { b: '$1' } }];
  assert.deepEqual(applyMapping([mapping!], 'a.b.c', 'counter'), { name: 'x', labels: { b: 'b' } });
  assert.equal(applyMapping([mapping!], 'a.b.b.c', 'counter'), undefined);
  assert.equal(applyMapping([mapping!], 'axb.c', 'counter'), undefined);
});

test('the mapping has the buckets of /metrics', () => {
  assert.deepEqual(mappingFile.defaults.histogram_options.buckets, bucketsSeconds);
});

test('the mapping of contrib is the one that the manifests use', () => {
  const { data } = only(read('contrib/monitoring-config.yaml'), 'ConfigMap', 'kube-e2etests-statsd-mapping');
  assert.deepEqual(parse(data['mapping.yaml']), mappingFile);
});

test('every alert and every recording rule reads metrics that exist', () => {
  assert.equal(rules.length, 8);
  for (const { alert, expr } of rules) checkExpression(expr, alert);
  for (const { record, alert, expr } of sloRules) if (expr !== 'vector(0.999)') checkExpression(expr, record ?? alert);
});

test('every alert says what it means and leads to its section in TROUBLESHOOTING.md', () => {
  const anchors = [...text('TROUBLESHOOTING.md').matchAll(/^#+ (.+)$/gm)].map(([, title]) => anchor(title ?? ''));
  for (const { alert, labels, annotations } of [...rules, ...sloRules.filter((rule) => rule.alert)]) {
    assert.match(labels.severity, /^(critical|warning)$/, alert);
    assert.ok(annotations.summary && annotations.description, alert);
    const [page, section = ''] = annotations.runbook_url.split('#');
    assert.ok(page?.endsWith('/TROUBLESHOOTING.md'), alert);
    assert.ok(anchors.includes(section), `${alert}: no section #${section}`);
  }
});

test('every query of the dashboard parses and reads metrics that exist', () => {
  for (const { title, expr } of queries) checkExpression(fillGrafana(expr), title);
  for (const { name, definition } of dashboard.templating.list) {
    const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(definition ?? '') ?? [];
    if (definition) assert.ok(series.get(metric)?.includes(label), name);
  }
});

test('the dashboard shows every metric, with labels of it in the legend', () => {
  const shown = new Set(queries.flatMap(({ title, expr }) => checkExpression(fillGrafana(expr), title)));
  for (const [, { type, prometheus }] of catalogue) {
    const names = type === 'timer' ? [`${prometheus.name}_bucket`, `${prometheus.name}_sum`] : [prometheus.name];
    assert.ok(
      names.some((name) => shown.has(name)),
      prometheus.name,
    );
  }
  for (const { title, expr, legendFormat } of queries)
    for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
      const { metrics: names } = mentionedIn(fillGrafana(expr));
      assert.ok(
        names.some((name) => series.get(name)?.includes(label ?? '')),
        `${title}: ${label}`,
      );
    }
});

test('an expression that names a metric or a label that is not there is found', () => {
  assert.throws(
    () => checkExpression('sum by (suite) (rate(e2etest_run_total[5m]))', 'planted'),
    /no metric e2etest_run_total/,
  );
  assert.throws(() => checkExpression('sum by (namespace) (e2etest_runs_total)', 'planted'), /no label namespace/);
  assert.throws(() => checkExpression('sum by (suite (e2etest_runs_total)', 'planted'), /cannot parse/);
});

/** As GitHub makes it. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}
