/** The alerts by Prometheus' own tool. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { only, read, root } from '../deploy/manifests.ts';
import { promtool, noPromtool as skip } from '../deploy/promtool.ts';
import { scaledRules } from '../monitoring/scaled-rules.ts';

const { spec } = only(read('contrib/prometheus-rule.yaml'), 'PrometheusRule', 'kube-e2etests');
const rules = stringify(spec);
const alerts: readonly { alert: string; annotations: { runbook_url: string } }[] = spec.groups[0].rules;

test('promtool takes the rules', { skip }, (t) => {
  assert.match(promtool(t, { 'rules.yaml': rules }, 'check', 'rules', 'rules.yaml'), /8 rules found/);
});

test('each alert fires for its fault and for no other', { skip }, (t) => {
  const runbook = alerts[0]!.annotations.runbook_url.split('#')[0]!;
  const tests = readFileSync(join(root, 'test/deploy/alerts.yaml'), 'utf8').replaceAll('RUNBOOK', runbook);
  for (const { alert } of alerts) assert.match(tests, new RegExp(`alertname: ${alert}\n +exp_alerts:\n`), alert);
  assert.match(promtool(t, { 'rules.yaml': rules, 'tests.yaml': tests }, 'test', 'rules', 'tests.yaml'), /SUCCESS/);
});

test('the alerts that the test with a real Prometheus takes differ from the shipped ones in durations alone', () => {
  const timeless = (text: string) => text.replace(/(?<=\[|offset |"for":")\d+(ms|s|m|h|d)\b/g, 'DURATION');
  const scaled = JSON.stringify(parse(scaledRules()));
  assert.equal(timeless(scaled), timeless(JSON.stringify(spec)));
  assert.notEqual(scaled, JSON.stringify(spec));
  assert.match(scaled, /"for":"250ms"/);
});

test('Prometheus takes the scrape job for the pinger', { skip }, (t) => {
  const { data } = only(read('contrib/blackbox-exporter.yaml'), 'ConfigMap', 'kube-e2etests-blackbox');
  promtool(t, { 'prometheus.yml': data['prometheus.yml'] }, 'check', 'config', 'prometheus.yml');
});
