/** Results as JUnit XML, as the test reports of CI systems read it: a testsuite for each suite, a testcase for each step. */
import type { Finding } from '../model/finding.ts';
import type { RunResult, StepResult } from '../model/result.ts';

/** `suites`: those that were asked for; one without a result is a test that was not run. */
export function junitOf(suites: readonly { readonly name: string }[], results: readonly RunResult[]): string {
  const ran = new Map(results.map((result) => [result.suite, result]));
  const parts = suites.map(({ name }) => {
    const result = ran.get(name);
    return result ? suiteXml(result) : notRunXml(name);
  });
  const seconds = results.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="kube-e2etests" time="${seconds.toFixed(3)}">\n${parts.join('')}</testsuites>\n`;
}

function suiteXml(result: RunResult): string {
  const { suite, steps, startedAt, durationMs, cluster, diagnosis, unmet } = result;
  // A run that ended before its first step has its finding all the same: in a step of the run itself.
  const counts = {
    tests: steps.length,
    failures: countOf(steps, 'failed'),
    errors: countOf(steps, 'errored'),
    skipped: countOf(steps, 'skipped'),
  };
  const words = { name: suite, ...counts, time: seconds(durationMs), timestamp: startedAt.slice(0, 19) };
  const said =
    diagnosis &&
    `${diagnosis.component}, ${diagnosis.confidence}: ${diagnosis.sentence}${diagnosis.command ? `\nLook first: ${diagnosis.command}` : ''}`;
  const properties = {
    cluster: cluster?.name,
    server: cluster?.server,
    version: cluster?.version,
    run: result.id,
    verdict: result.status,
  };
  const reason = unmet && `unsupported: ${unmet.requirement}: ${unmet.reason}`;
  return `  <testsuite${attributes(words)}>
    <properties>${Object.entries(properties)
      .map(([name, value]) => (value === undefined ? '' : `<property${attributes({ name, value })}/>`))
      .join('')}</properties>
${steps.map((step) => stepXml(suite, step, reason)).join('')}${said ? `    <system-out>${escaped(said)}</system-out>\n` : ''}  </testsuite>\n`;
}

function stepXml(
  suite: string,
  { name, status, durationMs, findings }: StepResult,
  reason: string | undefined,
): string {
  const head = `    <testcase${attributes({ classname: `kube-e2etests.${suite}`, name, time: seconds(durationMs) })}`;
  if (status === 'passed') return `${head}/>\n`;
  if (status === 'skipped')
    return `${head}><skipped${attributes({ message: reason ?? 'an earlier step ended the run' })}/></testcase>\n`;
  const [first] = findings;
  const tag = status === 'failed' ? 'failure' : 'error';
  const words = attributes({ message: first?.message ?? status, type: first?.code ?? status });
  return `${head}><${tag}${words}>${escaped(findings.map(findingText).join('\n'))}</${tag}></testcase>\n`;
}

function notRunXml(suite: string): string {
  const words = attributes({ name: suite, tests: 1, failures: 0, errors: 0, skipped: 1, time: '0.000' });
  const test = attributes({ classname: `kube-e2etests.${suite}`, name: 'Run', time: '0.000' });
  return `  <testsuite${words}>\n    <testcase${test}><skipped message="not run"/></testcase>\n  </testsuite>\n`;
}

function findingText({ code, message, count, object }: Finding): string {
  return `${code}: ${message}${object ? ` (${object.kind}/${object.name})` : ''}${count > 1 ? ` (${count} times)` : ''}`;
}

function countOf(steps: readonly StepResult[], status: StepResult['status']): number {
  return steps.filter((step) => step.status === status).length;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('');
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What XML cannot hold, such as half a surrogate pair and control characters, becomes U+FFFD. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/(?![\n\t])\p{Cc}|[\uFFFE\uFFFF]/gu, '\uFFFD')
    .replace(/[&<>"]/g, (character) => entities[character]!);
}
