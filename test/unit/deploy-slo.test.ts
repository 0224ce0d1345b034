/** The rules on service levels by Prometheus' own tool, and their figures beside those of the page. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { readConfig } from '../../runtime/config/config.ts';
import { createServiceLevels } from '../../runtime/memory/service-levels.ts';
import type { Verdict } from '../../runtime/model/result.ts';
import { only, read, root } from '../deploy/manifests.ts';
import { promtool, noPromtool as skip } from '../deploy/promtool.ts';

const { spec } = only(read('contrib/prometheus-slo.yaml'), 'PrometheusRule', 'kube-e2etests-slo');
const rules = stringify(spec);
const all: readonly Rule[] = spec.groups.flatMap(({ rules }: { rules: readonly Rule[] }) => rules);
const runbook = all.find(({ alert }) => alert)!.annotations!.runbook_url.split('#')[0]!;

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly annotations?: { readonly runbook_url: string };
}

test('promtool takes the rules on service levels', { skip }, (t) => {
  assert.match(promtool(t, { 'rules.yaml': rules }, 'check', 'rules', 'rules.yaml'), /15 rules found/);
});

test('the target of the rules is the default of SLO_TARGET', () => {
  const target = all.find(({ record }) => record === 'e2etest:slo_target');
  assert.equal(target?.expr, `vector(${readConfig({ CLUSTER: 'sandbox' }).sloTarget})`);
});

test('a budget that is spent raises its alert, one failed run raises none', { skip }, (t) => {
  const isFailed = (minute: number) => minute % 200 === 199;
  const minutes = Array.from({ length: 1_441 }, (_, minute) => minute);
  const counter = (counts: (minute: number) => boolean) => {
    let value = 0;
    return minutes.map((minute) => (minute > 0 && counts(minute) ? ++value : value)).join(' ');
  };
  const tests = readFileSync(join(root, 'test/deploy/slo-alerts.yaml'), 'utf8')
    .replaceAll('RUNBOOK', runbook)
    .replace(
      'FEWPASSED',
      counter((minute) => !isFailed(minute)),
    )
    .replace('FEWFAILED', counter(isFailed));
  for (const { alert } of all)
    if (alert) assert.match(tests, new RegExp(`alertname: ${alert}\n +exp_alerts:\n`), alert);
  assert.match(promtool(t, { 'rules.yaml': rules, 'tests.yaml': tests }, 'test', 'rules', 'tests.yaml'), /SUCCESS/);
});

const minute = 60_000;
const day = 24 * 60 * minute;
const apart = 5 * minute;
const now = 30 * day;

/** More and more of its runs fail, so that no two windows have one figure. */
function verdictAt(number: number): Verdict {
  const daysAgo = (now - number * apart) / day;
  if (number % 11 === 0) return 'errored';
  const every = daysAgo < 0.04 ? 3 : daysAgo < 1 ? 8 : daysAgo < 7 ? 20 : 100;
  return number % every === 1 ? 'failed' : 'passed';
}

test('the rules have the figures of the page', { skip }, (t) => {
  const levels = createServiceLevels(0.999);
  const counts: Record<Verdict, number[]> = { passed: [0], failed: [0], errored: [0], unsupported: [0] };
  for (let number = 1; number <= now / apart; number += 1) {
    const verdict = verdictAt(number);
    levels.count('http', verdict, number * apart - minute);
    for (const [name, values] of Object.entries(counts)) values.push(values.at(-1)! + (name === verdict ? 1 : 0));
  }
  const { windows, budgetLeft, burnRate } = levels.level('http', new Date(now));
  // Of a window at whose ends one run more or less may count.
  const figures = [
    ['suite:e2etest_availability:ratio_24h', windows['24h'].availability!, 0.004],
    ['suite:e2etest_availability:ratio_7d', windows['7d'].availability!, 0.001],
    ['suite:e2etest_availability:ratio_30d', windows['30d'].availability!, 0.0005],
    ['suite:e2etest_error_budget:left_30d', budgetLeft!, 0.5],
    ['suite:e2etest_burn_rate:1h', burnRate['1h']!, 30],
    ['suite:e2etest_burn_rate:6h', burnRate['6h']!, 14],
  ] as const;
  const shown = figures.map(([, figure]) => figure);
  assert.equal(new Set(shown.map((figure) => figure.toFixed(2))).size, figures.length, `${shown}`);
  const tests = {
    rule_files: ['rules.yaml'],
    // Rules over 30 days at every minute of 30 days would take as long.
    evaluation_interval: '1d',
    tests: [
      {
        interval: '5m',
        input_series: Object.entries(counts).map(([status, values]) => ({
          series: `e2etest_runs_total{suite="http",status="${status}"}`,
          values: values.join(' '),
        })),
        promql_expr_test: figures.map(([record, figure, tolerance]) => ({
          expr: `abs(${record} - ${figure}) < bool ${tolerance}`,
          eval_time: '30d',
          exp_samples: [{ labels: '{suite="http"}', value: 1 }],
        })),
      },
    ],
  };
  promtool(t, { 'rules.yaml': rules, 'tests.yaml': stringify(tests) }, 'test', 'rules', 'tests.yaml');
});
