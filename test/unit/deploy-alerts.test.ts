/** The alerts by Prometheus' own tool. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { only, read, root } from '../deploy/manifests.ts';
import { scaledRules } from '../monitoring/scaled-rules.ts';

const skip =
  spawnSync('promtool', ['--version']).status === 0
    ? false
    : "SKIPPED: no promtool on the PATH; it is in Debian's package prometheus";

function promtool(t: TestContext, files: Readonly<Record<string, string>>, ...words: string[]): string {
  const cwd = mkdtempSync(join(tmpdir(), 'promtool-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);
  const { status, stdout, stderr } = spawnSync('promtool', words, { cwd, encoding: 'utf8', timeout: 60_000 });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

const { spec } = only(read('contrib/prometheus-rule.yaml'), 'PrometheusRule', 'kube-e2etests');
const rules = stringify(spec);
const alerts: readonly { alert: string; annotations: { runbook_url: string } }[] = spec.groups[0].rules;

test('promtool takes the rules', { skip }, (t) => {
  assert.match(promtool(t, { 'rules.yaml': rules }, 'check', 'rules', 'rules.yaml'), /7 rules found/);
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
