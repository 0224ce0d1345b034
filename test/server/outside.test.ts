/** Suites of FUNCTIONS_DIR that do what they must not: their own run is errored, everything else goes on. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import type { RunEvent } from '../../runtime/model/event.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import type { Suite } from '../../runtime/model/suite.ts';
import { type OpenRunner, openRunner } from '../../runtime/process/connect.ts';
import { prepare } from '../../runtime/process/main.ts';

const aWhile = 'await new Promise((resolve) => setTimeout(resolve, 2000));';
const misdeeds: Readonly<Record<string, { readonly step: string; readonly outside?: string; readonly says: RegExp }>> =
  {
    throws_late: {
      step: `setTimeout(() => { throw new TypeError('late') }, 1); ${aWhile}`,
      says: /throws outside of its steps: TypeError: late/,
    },
    rejects: {
      step: `void Promise.reject(new Error('detached')); ${aWhile}`,
      says: /leaves a promise rejected: Error: detached/,
    },
    exits: { step: `process.exit(0); ${aWhile}`, says: /calls process\.exit\(0\)/ },
    exits_late: { step: `setTimeout(() => process.exit(1), 1); ${aWhile}`, says: /calls process\.exit\(1\)/ },
    loops: {
      step: 'for (const from = Date.now(); Date.now() - from < 6000; );',
      says: /(held|holds) up its thread for \d/,
    },
    never_settles: {
      step: '',
      outside: 'await new Promise(() => undefined);',
      says: /ends its thread while it is loaded|is not loaded within/,
    },
    exits_early: { step: '', outside: 'process.exit(0);', says: /ends its thread while it is loaded/ },
  };

const suiteOf = (step: string, outside = '') => `import { defineSuite } from 'kube-e2etests';
${outside}
export default defineSuite({
  description: 'For tests', steps: ['One'], uses: [],
  run: (t) => t.step('One', async () => { ${step} }),
});
`;

const events: RunEvent[] = [];
let folder: string;
let open: OpenRunner;
let suites: readonly Suite[];

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'outside-'));
  for (const [name, { step, outside }] of Object.entries(misdeeds))
    writeFileSync(join(folder, `${name}.ts`), suiteOf(step, outside));
  writeFileSync(join(folder, 'behaves.ts'), suiteOf(''));
  const { config, suites: loaded } = await prepare({
    CLUSTER: 'kubeconfig',
    KUBECONFIG: resolve('test/fixtures/kubeconfig.yaml'),
    FUNCTIONS_DIR: folder,
    SUITES: ['behaves', ...Object.keys(misdeeds)].join(','),
  });
  suites = loaded;
  open = openRunner({ config, suites, record: (event) => void events.push(event) });
});

after(async () => {
  await open.runner.close();
  await open.close();
  rmSync(folder, { recursive: true });
});

async function run(name: string): Promise<RunResult> {
  const outcome = open.runner.start(suites.find((suite) => suite.name === name) as Suite, 'cli');
  assert.equal(outcome.kind, 'run');
  return (outcome as Extract<typeof outcome, { kind: 'run' }>).finished;
}

for (const [name, { says }] of Object.entries(misdeeds)) {
  test(`${name}: the run is errored and says which suite it was`, async () => {
    // Another goes on beside it.
    const [result, other] = await Promise.all([run(name), run('behaves')]);
    assert.equal(result.status, 'errored');
    const findings = result.steps.flatMap((step) => step.findings);
    const defect = findings.find(({ message }) => says.test(message));
    assert.equal(defect?.code, 'run.defect', JSON.stringify(findings));
    assert.ok(defect?.message.includes(name));
    assert.equal(other.status, 'passed');
    const seen = events.filter((event) => event.type === 'run-judged' && event.result.id === result.id);
    assert.equal(seen.length, 1, 'one verdict is told');
    assert.ok(seen[0]?.type === 'run-judged' && seen[0].result.status === 'errored');
  });
}

test('a run from outside that is stopped is aborted', async () => {
  const suite = suites.find((one) => one.name === 'loops') as Suite;
  const stopping = openRunner({
    config: (await prepare({ CLUSTER: 'kubeconfig', KUBECONFIG: resolve('test/fixtures/kubeconfig.yaml') })).config,
    suites,
    record: () => {},
  });
  const waits: Suite = { ...suite, name: 'throws_late', file: join(folder, 'throws_late.ts') };
  const outcome = stopping.runner.start(waits, 'cli');
  await stopping.runner.close();
  const result = await (outcome as Extract<typeof outcome, { kind: 'run' }>).finished;
  assert.equal(result.status, 'errored');
  await stopping.close();
});
