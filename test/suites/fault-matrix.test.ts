import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { RunResult } from '../../runtime/model/result.ts';
import { type FaultState, type Sandbox, startSandbox } from '../../sandbox/index.ts';
import { allSuites, type Drive, openDrive } from '../cluster/drive.ts';
import { matrix, type Red, type Row, renderMatrix, titleOf } from './matrix.ts';

const guide = new URL('../../docs/fault-matrix.md', import.meta.url);

/** Not faults that a suite exists to notice: a parameter of the others. */
const parts = new Set(['forbidden']);

test('the matrix has a row for every fault that the sandbox can have', async (t) => {
  const sandbox = await startSandbox();
  t.after(() => sandbox.close());
  const known = sandbox.faults.list().map(({ name }: FaultState) => name as string);
  const rows = new Set(matrix.map(({ fault }) => fault));
  assert.deepEqual(
    known.filter((name) => !parts.has(name) && !rows.has(name)),
    [],
  );
  assert.deepEqual(
    [...rows].filter((name) => !known.includes(name)),
    [],
  );
});

test('every suite is turned red by a fault, and no suite by all', () => {
  for (const suite of allSuites) {
    const red = matrix.filter((row) => row.red[suite]);
    assert.ok(red.length > 0 && red.length < matrix.length, suite);
  }
});

test('docs/fault-matrix.md is this matrix', () => {
  const text = readFileSync(guide, 'utf8');
  const head = text.slice(0, text.indexOf('| fault |'));
  const wanted = `${head}${renderMatrix(matrix, allSuites)}\n`;
  if (process.env.UPDATE_DOCS) writeFileSync(guide, wanted);
  else assert.equal(text, wanted, 'run UPDATE_DOCS=1 node --test test/suites/fault-matrix.test.ts');
});

/** Two lanes side by side, each with a sandbox of its own that its faults come upon one after another. */
const lanes = [0, 1].map((lane) => matrix.filter((_, index) => index % 2 === lane));

describe('each fault turns the suites red that exist to notice it, and no other', { concurrency: lanes.length }, () => {
  for (const [lane, rows] of lanes.entries()) {
    test(`lane ${lane + 1}`, async (t) => {
      let sandbox = await startGreen(3);
      t.after(() => sandbox.close());
      for (const row of rows) {
        let isRight = false;
        await t.test(titleOf(row), { timeout: 120_000 }, async () => {
          await judgeRow(row, sandbox);
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
async function judgeRow(row: Row, shared: Sandbox): Promise<void> {
  const sandbox = row.nodes ? await startGreen(row.nodes) : shared;
  try {
    sandbox.faults.set(row.fault, { ...row.options, on: true });
    await withDrive(sandbox, row.seconds ?? 6, (drive) => assertRuns(drive, row.red, 'under the fault'));
    sandbox.faults.set(row.fault, false);
    await withDrive(sandbox, 20, (drive) => assertRuns(drive, {}, 'after the fault'));
  } finally {
    if (sandbox !== shared) await sandbox.close();
  }
}

/** With every standing object in its place. */
async function startGreen(nodes: number): Promise<Sandbox> {
  const sandbox = await startSandbox({ nodes, zones: 3 });
  await withDrive(sandbox, 20, (drive) => assertRuns(drive, {}, 'before any fault'));
  return sandbox;
}

async function withDrive(sandbox: Sandbox, seconds: number, use: (drive: Drive) => Promise<void>): Promise<void> {
  const env = {
    KUBECONFIG: sandbox.kubeconfigPath,
    PROBE_PROXY: sandbox.probeProxy,
    DNS_SERVERS: sandbox.dnsServers.join(','),
  };
  const drive = await openDrive({ prefix: 'matrix', eventTimeoutSeconds: seconds, env });
  try {
    await use(drive);
  } finally {
    await drive.close();
  }
}

async function assertRuns(drive: Drive, red: Readonly<Record<string, Red>>, when: string): Promise<void> {
  const results = await drive.run(...allSuites);
  const seen = Object.fromEntries([...results].map(([suite, result]) => [suite, outcomeOf(result)]));
  const wanted = Object.fromEntries(allSuites.map((suite) => [suite, red[suite] ?? { verdict: 'passed', steps: {} }]));
  assert.deepEqual(seen, wanted, `${when}: ${messagesOf(results.values())}`);
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

function messagesOf(results: Iterable<RunResult>): string {
  const lines = [...results].flatMap(({ suite, steps }) =>
    steps.flatMap(({ name, findings }) => findings.map(({ message }) => `${suite}, ${name}: ${message}`)),
  );
  return lines.join('\n');
}
