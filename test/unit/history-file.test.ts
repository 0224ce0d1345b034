import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { episodesFeed } from '../../runtime/dashboard/episodes-page.ts';
import { openDatabase } from '../../runtime/history-file/database.ts';
import { type HistoryFile, openHistoryFile } from '../../runtime/history-file/history-file.ts';
import { migrations } from '../../runtime/history-file/schema.ts';
import { createHealth } from '../../runtime/memory/cluster-health.ts';
import { createStore, type Store } from '../../runtime/memory/store.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import { aFailedRun, aFinding, aRun, aStep, evidenceOf, play } from '../results.ts';
import { runChange } from './history-changes.ts';

const child = join(import.meta.dirname, 'history-child.ts');
const minute = 60_000;

function aFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'history-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Opened {
  readonly file: HistoryFile;
  readonly said: string[];
}

async function open(path: string): Promise<Opened> {
  const said: string[] = [];
  const tell = (_: object, message: string) => void said.push(message);
  return {
    file: await openHistoryFile(path, { log: { warn: tell, info: tell }, batchMs: 5, openWithinMs: 120_000 }),
    said,
  };
}

/** A store on the file as it is; the clock is the system's, since what is old is forgotten. */
async function aStore(path: string, at = new Date()): Promise<{ store: Store; file: HistoryFile }> {
  const { file, said } = await open(path);
  assert.deepEqual(said, []);
  const store = createStore({ keep: file.keep, remembered: file.remembered!, now: () => at });
  return { store, file };
}

test('runs, since when, episodes, availability, steps and feed are after a restart what they were before', async (t) => {
  const path = join(aFolder(t), 'history.db');
  const start = Date.now() - 30 * minute;
  const ago = (minutes: number) => new Date(start + minutes * minute);
  const first = await aStore(path, ago(20));
  const run = (suite: string, number: number, status: 'passed' | 'failed') =>
    (status === 'failed' ? aFailedRun : aRun)(suite, {
      id: `${suite}-${number}`,
      finishedAt: ago(number).toISOString(),
      ...(status === 'failed' && {
        steps: [aStep('Create', 'failed', { findings: [aFinding({ evidence: evidenceOf('why') })] })],
      }),
    });
  play(
    first.store,
    run('http', 1, 'failed'),
    run('http', 2, 'passed'),
    run('http', 3, 'passed'),
    run('dns', 4, 'failed'),
  );
  first.store.recordReported(aRun('away', { id: 'away-1' }), 7_200_000, 5 * minute);
  await first.file.close();

  const second = await aStore(path, ago(21));
  for (const suite of ['http', 'dns']) assert.deepEqual(second.store.history(suite), first.store.history(suite));
  assert.deepEqual(second.store.runs('http'), first.store.runs('http'));
  assert.equal(second.store.runs('http')[0]!.since, ago(2).toISOString());
  assert.deepEqual(second.store.episodes, first.store.episodes);
  assert.equal(second.store.episodes.length, 2);
  const counted = ({ store }: { store: Store }) => [
    store.level('http').windows,
    store.level('http').days,
    store.level('away', 'remote').windows,
  ];
  assert.deepEqual(counted(second), counted(first));
  assert.deepEqual(second.store.snapshot().reported, first.store.snapshot().reported);
  const rows = ({ store }: { store: Store }) =>
    store
      .rows()
      .map(({ suite, name, status }) => `${suite} ${name} ${status}`)
      .sort();
  assert.deepEqual(rows(second), rows(first));
  const feed = ({ store }: { store: Store }) =>
    episodesFeed({ store, options: {}, now: ago(21) } as Parameters<typeof episodesFeed>[0]).match(/<id>[^<]+/g);
  const ids = feed(second)!;
  assert.deepEqual(ids.length, 3);
  // What goes on is the same episode, and the next has the next number.
  play(second.store, run('dns', 22, 'passed'), run('http', 22, 'passed'));
  assert.equal(second.store.runs('http')[0]!.since, ago(2).toISOString());
  play(second.store, run('http', 23, 'failed'));
  assert.deepEqual(
    second.store.episodes.map(({ number, end }) => [number, end !== undefined]),
    [
      [3, false],
      [2, true],
      [1, true],
    ],
  );
  await second.file.close();
  const third = await aStore(path, ago(24));
  assert.deepEqual(feed(third)!.slice(-2), ids.slice(-2));
  assert.equal(third.store.runs('http')[0]!.status, 'failed');
  await third.file.close();
});

test('after a long pause what was red says nothing of now: unknown, not stale, until it is late; the episode has ended', async (t) => {
  const path = join(aFolder(t), 'history.db');
  const now = new Date();
  const before = new Date(now.getTime() - 300 * minute);
  const first = await aStore(path, before);
  play(first.store, aFailedRun('http', { finishedAt: before.toISOString() }));
  await first.file.close();
  const { file } = await open(path);
  let at = now;
  const store = createStore({ remembered: file.remembered!, now: () => at });
  const health = createHealth(store, [{ name: 'http' }], 20 * minute, { now: () => at });
  assert.deepEqual([health().suites[0]!.state, health().suites[0]!.lastRun?.status], ['unknown', 'failed']);
  at = new Date(now.getTime() + 21 * minute);
  assert.equal(health().suites[0]!.state, 'stale');
  assert.equal(store.episodes[0]!.end, before.toISOString());
  let diagnosed: readonly string[] = [];
  const headlineOf = (latest: readonly RunResult[]) => {
    diagnosed = latest.map(({ suite }) => suite);
    return undefined;
  };
  play(createStore({ remembered: file.remembered!, now: () => now, headlineOf }), aRun('dns'));
  assert.deepEqual(diagnosed, ['dns']);
  const others = createStore({ remembered: file.remembered!, serves: (suite) => suite === 'dns', now: () => now });
  assert.deepEqual([others.runs('http').length, others.level('http').since], [0, undefined]);
  await file.close();
});

test('a file holds 100 runs of a suite, the evidence of the newest three, and nothing that is older than a month', (t) => {
  const path = join(aFolder(t), 'history.db');
  const database = openDatabase(path);
  const rich = (number: number) => {
    const change = runChange('http', number);
    assert.equal(change.kind, 'run');
    const findings = [aFinding({ evidence: evidenceOf('x') })];
    return { ...change, result: { ...change.result, steps: [aStep('a', 'failed', { findings })] } } as const;
  };
  for (let number = 0; number < 120; number += 1) database.write([rich(number)]);
  const month = 32 * 24 * 60 * minute;
  database.write([{ ...runChange('old', 1), endedAt: Date.now() - month } as ReturnType<typeof runChange>]);
  const bucket = { suite: 'http', ring: 'hours', counts: [1, 0, 0, 0] } as const;
  for (const start of [Date.now() - month, Date.now()])
    database.write([{ kind: 'bucket', origin: 'local', bucket: { ...bucket, start } }]);
  database.close();
  const again = openDatabase(path);
  const { runs, buckets } = again.read();
  again.close();
  assert.deepEqual([runs.length, runs[0]!.summary.id, runs.at(-1)!.summary.id], [100, 'http-20', 'http-119']);
  assert.deepEqual(runs.map(({ hasEvidence }) => hasEvidence).lastIndexOf(false), 96);
  assert.equal(buckets.length, 1);
});

test('a second process at one file says so, and goes on without', async (t) => {
  const path = join(aFolder(t), 'history.db');
  const first = await open(path);
  const second = await open(path);
  assert.deepEqual(second.file.state, { isWritable: false, waiting: 0, lost: 0 });
  assert.match(
    second.said.join(),
    /HISTORY_FILE .*history\.db: another process uses it; each process needs a file of its own\. This process goes on without it/,
  );
  second.file.keep(runChange('http', 1));
  first.file.keep(runChange('http', 2));
  await Promise.all([second.file.close(), first.file.close()]);
  const third = await open(path);
  assert.deepEqual(
    third.file.remembered!.runs.map(({ summary }) => summary.id),
    ['http-2'],
  );
  await third.file.close();
});

test('a file that is not ours, newer or damaged is left as it is, and what to do is said', async (t) => {
  const folder = aFolder(t);
  const made = join(folder, 'made.db');
  const database = openDatabase(made);
  for (let number = 0; number < 50; number += 1) database.write([runChange(`s${number}`, number)]);
  database.close();
  const change = (act: (path: string) => void) => (path: string) => {
    copyFileSync(made, path);
    act(path);
  };
  const sql = (text: string) => (path: string) => {
    const db = new DatabaseSync(path);
    db.exec(text);
    db.close();
  };
  const cases: readonly (readonly [name: string, make: (path: string) => void, says: RegExp])[] = [
    [
      'text',
      (path) => writeFileSync(path, 'not a database at all\n'.repeat(100)),
      /it is no history file; it is left as it is/,
    ],
    ['others', sql('CREATE TABLE a (b)'), /it is a database of another program; it is left as it is/],
    ['newer', change(sql('PRAGMA user_version = 99')), /it was written by a newer version of this program/],
    [
      'damaged',
      change((path) => {
        const bytes = readFileSync(path);
        bytes.fill(0x5a, 4_096, bytes.length - 4_096);
        writeFileSync(path, bytes);
      }),
      /it is damaged.*move it away/,
    ],
    ['no/such/folder', () => {}, /it cannot be opened; its folder must exist and be writable/],
  ];
  for (const [name, make, says] of cases) {
    const path = join(folder, name);
    make(path);
    const before = name.includes('/') ? undefined : readFileSync(path);
    const { file, said } = await open(path);
    assert.match(said.join(), says, name);
    assert.deepEqual([file.remembered, file.state.isWritable], [undefined, false], name);
    await file.close();
    if (before) assert.ok(before.equals(readFileSync(path)), `${name} has been changed`);
  }
});

test('a file of an older version is brought up to date and keeps what it has', (t) => {
  const path = join(aFolder(t), 'history.db');
  const made = openDatabase(path);
  made.write([runChange('http', 1)]);
  made.close();
  for (let version = migrations.length - 1; version > 0; version -= 1) {
    const db = new DatabaseSync(path);
    if (version === 1) db.exec('DROP TABLE headlines');
    db.exec(`PRAGMA user_version = ${version}`);
    db.close();
    const database = openDatabase(path);
    const { runs, headlines } = database.read();
    assert.deepEqual([runs.length, headlines], [1, []]);
    database.close();
  }
});

interface Writer {
  readonly process: ChildProcess;
  /** The next line, and those after it, until one fits. */
  until(fits: (line: Line) => boolean): Promise<Line>;
  readonly lines: readonly Line[];
}

interface Line {
  readonly written?: number;
  readonly remembered?: number | null;
  readonly played?: number;
  readonly lost?: number;
  readonly isWritable?: boolean;
  readonly closed?: true;
  readonly level?: string;
  readonly message?: string;
}

function start(t: TestContext, command: string, words: readonly string[], options: { uid?: number } = {}): Writer {
  const made = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
  t.after(() => made.kill('SIGKILL'));
  const lines: Line[] = [];
  const reader = createInterface({ input: made.stdout! });
  let wake = () => {};
  reader.on('line', (line) => {
    lines.push(JSON.parse(line));
    wake();
  });
  made.once('exit', () => wake());
  const until: Writer['until'] = async (fits) => {
    for (let seen = 0; ; ) {
      for (; seen < lines.length; seen += 1) if (fits(lines[seen]!)) return lines[seen]!;
      assert.equal(made.exitCode, null, `it ended: ${JSON.stringify(lines.slice(-3))}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { process: made, until, lines };
}

test('killed at any write, the file is whole and has every run that was written', async (t) => {
  for (const [round, after] of [3, 40].entries()) {
    const path = join(aFolder(t), 'history.db');
    const writer = start(t, process.execPath, [child, 'writes', path]);
    await writer.until(({ written }) => written === after + round);
    writer.process.kill('SIGKILL');
    await once(writer.process, 'close');
    const last = writer.lines.at(-1)!.written!;
    const database = openDatabase(path);
    const ids = new Set(database.read().runs.map(({ summary }) => summary.id));
    database.close();
    for (let number = Math.max(0, last - 99); number <= last; number += 1)
      for (const suite of ['http', 'dns']) assert.ok(ids.has(`${suite}-${number}`), `${suite}-${number} of ${last}`);
    // Both or none of the next.
    assert.equal(ids.has(`http-${last + 1}`), ids.has(`dns-${last + 1}`));
  }
});

test('on a full disk runs go on, it is said once, and what still waits is written when there is room again', async (t) => {
  const path = join(aFolder(t), 'history.db');
  // Blocks of 512 or 1,024 bytes: no file grows beyond 60 or 120 KB until the limit is lifted.
  const full = start(t, 'sh', ['-c', 'ulimit -S -f 120 && exec "$0" "$@"', process.execPath, child, 'runs', path]);
  await full.until(({ remembered }) => remembered === 0);
  while (!full.lines.some(({ level }) => level === 'warn')) {
    const played = full.lines.filter((line) => line.played !== undefined).length;
    full.process.stdin!.write('more\n');
    await full.until(() => full.lines.filter((line) => line.played !== undefined).length > played);
  }
  for (let more = 0; more < 3; more += 1) full.process.stdin!.write('more\n');
  const { played } = await full.until(({ isWritable, lost }) => isWritable === false && lost! > 0);
  assert.equal(played, 100);
  const limit = spawnSync('prlimit', ['--pid', String(full.process.pid), '--fsize=unlimited'], { encoding: 'utf8' });
  assert.equal(limit.status, 0, limit.stderr);
  const { message } = await full.until(({ level }) => level === 'info');
  assert.match(message!, /is written again; \d+ changes were lost/);
  full.process.stdin!.write('end\n');
  await full.until(({ closed }) => closed === true);
  const warnings = full.lines.filter(({ level }) => level === 'warn');
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0]!.message!,
    /its disk (is full|refuses).*Results stay in memory; the last 40 changes wait for it/,
  );
  const database = openDatabase(path);
  const { runs } = database.read();
  database.close();
  assert.ok(runs.length > 10, `${runs.length} runs`);
});

test('a file that may only be read is said, and the process goes on', async (t) => {
  const folder = aFolder(t);
  const path = join(folder, 'history.db');
  const { file } = await open(path);
  file.keep(runChange('http', 1));
  await file.close();
  chmodSync(path, 0o444);
  chmodSync(folder, 0o755);
  // Whoever is root may write all the same.
  const options = process.getuid?.() === 0 ? { uid: 65_534 } : {};
  const reader = start(t, process.execPath, [child, 'runs', path], options);
  const { message } = await reader.until(({ level }) => level === 'warn');
  assert.match(message!, /it cannot be written: the file or its disk is read-only/);
  reader.process.stdin!.write('more\n');
  await reader.until(({ played }) => played === 100);
  reader.process.stdin!.write('end\n');
  await reader.until(({ closed }) => closed === true);
  assert.equal(statSync(path).mode & 0o777, 0o444);
});

test('a maintenance that was asked for, and runs that are left out for one, are known after a restart', async (t) => {
  const path = join(aFolder(t), 'history.db');
  const { file, said } = await open(path);
  const kept = { called: { since: '2026-01-01T00:00:00.000Z', until: '2026-01-01T01:00:00.000Z', reason: 'Nodes' } };
  assert.equal(file.remembered?.maintenance, undefined);
  const store = createStore({ keep: file.keep, remembered: file.remembered!, inMaintenance: () => true });
  play(store, aFailedRun('dns', { finishedAt: new Date().toISOString() }));
  file.keep({ kind: 'maintenance', kept: { endedAt: 7 } });
  file.keep({ kind: 'maintenance', kept });
  await file.close();
  const again = await aStore(path);
  assert.deepEqual(again.file.remembered?.maintenance, kept);
  assert.deepEqual([again.store.runs('dns')[0]?.maintenance, again.store.level('dns').since], [true, undefined]);
  assert.equal(again.store.episodes[0]?.maintenance, true);
  await again.file.close();
  assert.deepEqual(said, []);
});
