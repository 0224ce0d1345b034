/**
 * Each fault of the sandbox turns the suites red that exist to notice it, and no other, and it is named rightly by their runs and by the headline.
 * A situation runs the suites that must notice it and a few witnesses that must not, in turn; with MATRIX=full all suites run in all situations.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { headlineOf } from '../../runtime/diagnosis/headline.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import { type FaultState, type Sandbox, startSandbox } from '../../sandbox/index.ts';
import { expectedDiagnoses, type HeadlineClock, headlineClock } from '../cluster/diagnosis.ts';
import { allSuites, type Drive, openDrive } from '../cluster/drive.ts';
import { expectations, redUnder } from '../expectations.ts';
import type { Red } from '../red.ts';
import { markdown, table } from '../tables.ts';
import { type Situation, situations, titleOf } from './situations.ts';

const guide = new URL('../../docs/fault-matrix.md', import.meta.url);
const isFull = process.env.MATRIX === 'full';
/** EVENT_TIMEOUT_SECONDS of what must be noticed, whose time runs out. */
const shortSeconds = 6;
/** Of what nothing hinders for long. */
const patientSeconds = 20;
/** The sandbox does not offer what the suite requires: nothing is expected of it there but that it says so. */
const isUnsupported = (suite: string) => Object.keys(expectations.get(suite)?.sandbox ?? {}).length === 0;
/** What meets most of a cluster: it has to stay green where nothing is expected. */
const broadest = ['http_update', 'deployment'];

test('the matrix has a row for every fault that the sandbox can have', async (t) => {
  const sandbox = await startSandbox();
  t.after(() => sandbox.close());
  const known = sandbox.faults.list().map(({ name }: FaultState) => name);
  assert.deepEqual([...new Set(situations.map(({ fault }) => fault))].sort(), known.toSorted());
});

test('every suite says what turns it red, in situations that there are, and no suite is turned red by all', () => {
  assert.deepEqual([...expectations.keys()], allSuites.toSorted());
  const titles = new Set(situations.map(titleOf));
  for (const [suite, { sandbox, cluster = {} }] of expectations) {
    const unknown = Object.keys(cluster).filter((words) => !expectedDiagnoses[words]);
    assert.deepEqual(unknown, [], suite);
    const named = Object.keys(sandbox);
    assert.deepEqual(
      named.filter((title) => !titles.has(title)),
      [],
      suite,
    );
    assert.ok((named.length > 0 || Object.keys(cluster).length > 0) && named.length < titles.size, suite);
  }
});

test('a situation that has to be named turns a suite red, and no other does', () => {
  const wrong = situations.filter(
    (one) => (one.names !== undefined) !== Object.keys(redUnder('sandbox', titleOf(one))).length > 0,
  );
  assert.deepEqual(wrong.map(titleOf), []);
});

test('docs/fault-matrix.md is this matrix', () => {
  const text = readFileSync(guide, 'utf8');
  const head = text.slice(0, text.indexOf('| fault |'));
  const wanted = `${head}${renderMatrix()}`;
  if (process.env.UPDATE_DOCS) writeFileSync(guide, wanted);
  else assert.equal(text, wanted, 'run UPDATE_DOCS=1 node --test test/suites/fault-matrix.test.ts');
});

const measured = new Map<string, readonly string[]>();
after(() => {
  const rows = situations.map(titleOf).flatMap((title) => (measured.has(title) ? [measured.get(title)!] : []));
  if (isFull && rows.length === situations.filter(({ names }) => names).length)
    table('docs/diagnosis.md', 'sandbox', ['fault', 'red suites', 'headline', 'first right headline'], rows);
});

/** Side by side, each with a sandbox of its own on which it makes one situation after another. Most of it is waiting. */
const lanes = isFull ? 2 : 3;

describe('each fault turns the suites red that exist to notice it, and no other', { concurrency: lanes }, () => {
  const waiting = [...situations.entries()];
  const sandboxes: Sandbox[] = [];
  before(async () => {
    // One after another, and none breaks while another is not up: what is measured later is not hurried by it.
    while (sandboxes.length < lanes) sandboxes.push(await startGreen(3));
  });
  // Those that no lane has closed.
  after(() => Promise.all(sandboxes.map((sandbox) => sandbox.close().catch(() => undefined))));
  for (let lane = 1; lane <= lanes; lane++) {
    test(`lane ${lane}`, async (t) => {
      let sandbox = sandboxes[lane - 1]!;
      t.after(() => sandbox.close());
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [index, situation] = next;
        let isRight = false;
        await t.test(titleOf(situation), { timeout: 120_000 }, async (t) => {
          await judge(situation, index, sandbox, t.diagnostic.bind(t));
          isRight = true;
        });
        if (isRight) continue;
        await sandbox.close();
        sandbox = await startGreen(3);
      }
    });
  }
});

/** The suites under the fault, and once it is over. */
async function judge(situation: Situation, index: number, shared: Sandbox, say: (text: string) => void): Promise<void> {
  const sandbox = situation.nodes ? await startGreen(situation.nodes) : shared;
  const red = redUnder('sandbox', titleOf(situation));
  const named = Object.keys(red);
  const witnesses = witnessesOf(titleOf(situation), named, index);
  const clock = situation.names && headlineClock(situation.names.component);
  try {
    sandbox.faults.set(situation.fault, { ...situation.options, on: true });
    clock?.start();
    const groups = await Promise.all([
      run(sandbox, named, shortSeconds, clock?.record),
      run(sandbox, witnesses, situation.seconds ?? patientSeconds),
    ]);
    const results = groups.flat();
    assertOutcomes(results, red, 'under the fault');
    if (clock) assertNamed(situation, results, clock, say);
    sandbox.faults.set(situation.fault, false);
    assertOutcomes(await run(sandbox, [...named, ...witnesses], patientSeconds), {}, 'after the fault');
  } finally {
    if (sandbox !== shared) await sandbox.close();
  }
}

/** Two of the suites that must not notice, other ones for each situation; all of them in the full matrix. */
function witnessesOf(title: string, named: readonly string[], index: number): readonly string[] {
  const isSure = (suite: string) => !expectations.get(suite)?.unsure?.includes(title);
  const others = allSuites.filter((suite) => !named.includes(suite) && isSure(suite) && !isUnsupported(suite));
  if (isFull) return others;
  const inTurn = [0, 1]
    .map((which) => others[(2 * index + which) % others.length])
    .filter((suite) => suite !== undefined);
  return [...new Set([...inTurn, ...(named.length === 0 ? broadest : [])])];
}

/** Every red run names the component, and so does the headline over all of them. */
function assertNamed(
  situation: Situation,
  results: readonly RunResult[],
  clock: HeadlineClock,
  say: (text: string) => void,
) {
  const { component, part } = situation.names!;
  const red = results.filter(({ status }) => status !== 'passed');
  for (const { suite, diagnosis } of red) say(`${suite}: ${diagnosis?.rule}: ${diagnosis?.sentence}`);
  const namedBy = (suite: string) => expectations.get(suite)?.takenFor?.[titleOf(situation)] ?? component;
  const wrong = red.filter(({ suite, diagnosis }) => diagnosis?.component !== namedBy(suite));
  assert.deepEqual(
    wrong.map(({ suite, diagnosis }) => `${suite}: ${diagnosis?.component} by ${diagnosis?.rule}`),
    [],
  );
  const headline = headlineOf(results);
  assert.deepEqual([headline?.component, headline?.part], [component, part], headline?.sentence);
  const suites = red.map(({ suite }) => suite).sort();
  const time = clock.afterMs === undefined ? 'none' : `${(clock.afterMs / 1000).toFixed(1)} s`;
  const title = titleOf(situation);
  measured.set(title, [title, suites.join(', '), part ? `${component} (${part})` : component, time]);
}

/** With every standing object in its place. */
async function startGreen(nodes: number): Promise<Sandbox> {
  const sandbox = await startSandbox({ nodes, zones: 3 });
  try {
    assertOutcomes(await run(sandbox, allSuites, patientSeconds), {}, 'before any fault');
  } catch (error) {
    await sandbox.close();
    throw error;
  }
  return sandbox;
}

async function run(
  sandbox: Sandbox,
  names: readonly string[],
  seconds: number,
  record?: HeadlineClock['record'],
): Promise<readonly RunResult[]> {
  if (names.length === 0) return [];
  const env = {
    KUBECONFIG: sandbox.kubeconfigPath,
    PROBE_PROXY: sandbox.probeProxy,
    DNS_SERVERS: sandbox.dnsServers.join(','),
    AGENT_IMAGE: sandbox.agentImage,
    PULL_IMAGE: sandbox.pullImage,
  };
  const drive: Drive = await openDrive({ prefix: 'matrix', eventTimeoutSeconds: seconds, env, record });
  try {
    return [...(await drive.run(...names)).values()];
  } finally {
    await drive.close();
  }
}

function assertOutcomes(results: readonly RunResult[], red: Readonly<Record<string, Red>>, when: string): void {
  const seen = Object.fromEntries(results.map((result) => [result.suite, outcomeOf(result)]));
  const wanted = Object.fromEntries(
    results.map(({ suite }) => {
      const verdict = isUnsupported(suite) ? 'unsupported' : 'passed';
      return [suite, red[suite] ?? { verdict, steps: {} }];
    }),
  );
  assert.deepEqual(seen, wanted, `${when}: ${messagesOf(results)}`);
}

function outcomeOf({ status, steps }: RunResult) {
  const judged = steps.filter(({ kind, findings }) => kind !== 'cleanup' && findings.length > 0);
  return {
    verdict: status,
    steps: Object.fromEntries(
      judged.map(({ name, findings }) => [name, [...new Set(findings.map(({ code }) => code))].sort()]),
    ),
  };
}

function messagesOf(results: readonly RunResult[]): string {
  const lines = results.flatMap(({ suite, steps }) =>
    steps.flatMap(({ name, findings }) => findings.map(({ message }) => `${suite}, ${name}: ${message}`)),
  );
  return lines.join('\n');
}

/** The table of docs/fault-matrix.md. */
function renderMatrix(): string {
  const cell = (red: Red | undefined) =>
    red
      ? `**${red.verdict}** ${Object.entries(red.steps)
          .map(([step, codes]) => `${step}: ${codes.map((code) => `\`${code}\``).join(', ')}`)
          .join('; ')}`
      : '';
  const suites = allSuites.toSorted();
  const rows = situations.map(titleOf).map((title) => {
    const red = redUnder('sandbox', title);
    return [title, ...suites.map((suite) => cell(red[suite]))];
  });
  return markdown(['fault', ...suites], rows);
}
