import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { RunResult } from '../../runtime/model/result.ts';
import { builtCli } from '../built/index.ts';
import { eventually } from '../eventually.ts';

interface LogLine {
  readonly msg: string;
  readonly url?: string;
}

const cli = await builtCli();

interface Waiting {
  readonly running?: { readonly current?: { readonly name: string } } | null;
}

function start(t: TestContext, extra: Record<string, string>): ChildProcess {
  const env = {
    PATH: process.env.PATH,
    KUBECONFIG: resolve('test/fixtures/kubeconfig.yaml'),
    FUNCTIONS_DIR: resolve('test/fixtures/suites'),
    HOST: '127.0.0.1',
    PORT: '0',
    SCHEDULER: 'off',
    ...extra,
  };
  const child = spawn(process.execPath, [cli, 'serve'], { env, stdio: 'pipe' });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** The process once it listens, its log, and a way to wait for a line of it. */
async function serving(t: TestContext, extra: Record<string, string>) {
  const child = start(t, extra);
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout! }).on('line', (line) => {
    lines.push(JSON.parse(line) as LogLine);
    for (const check of waiting) check();
  });
  const logged = (wanted: (line: LogLine) => boolean): Promise<LogLine> =>
    new Promise((done) => {
      const check = () => {
        const found = lines.find(wanted);
        if (!found) return;
        waiting.delete(check);
        done(found);
      };
      waiting.add(check);
      check();
    });
  const { url = '' } = await logged(({ url }) => url !== undefined);
  return { child, url, lines, logged };
}

test('serves the suites asked for at the URL that its log names', async (t) => {
  const { url, logged } = await serving(t, { SUITES: 'fixture_passes,fixture_fails' });
  assert.match(
    (await logged(({ msg }) => msg.includes('open '))).msg,
    /with 2 suites: open http:\/\/127\.0\.0\.1:\d+\//,
  );
  assert.equal((await fetch(`${url}livez`)).status, 200);
  const passed = await fetch(`${url}run/fixture_passes`, { method: 'POST' });
  assert.equal(passed.status, 200);
  assert.equal(((await passed.json()) as RunResult).status, 'passed');
  assert.equal((await fetch(`${url}run/fixture_fails`, { method: 'POST' })).status, 500);
});

test('the schedule runs suites by itself', async (t) => {
  const { logged } = await serving(t, { SUITES: 'fixture_passes', SCHEDULER: 'on' });
  await logged(({ msg }) => /fixture_passes.*passed/.test(msg));
});

test('SIGTERM in mid-run aborts it, answers whoever waits, and exits with 0', async (t) => {
  const { child, url, lines, logged } = await serving(t, { SUITES: 'fixture_waits' });
  const answer = fetch(`${url}run/fixture_waits`, { method: 'POST' });
  // Its step is under way: the suite itself is always listed.
  const current = async () =>
    ((await (await fetch(`${url}results/fixture_waits`)).json()) as Waiting).running?.current?.name;
  while ((await current()) !== 'Wait') await fetch(`${url}livez`);
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
  const response = await answer;
  const result = (await response.json()) as RunResult;
  assert.equal(result.status, 'errored');
  assert.equal(result.steps[0]?.findings[0]?.code, 'run.aborted');
  await logged(({ msg }) => msg === 'stopped');
  assert.ok(lines.some(({ msg }) => msg === 'SIGTERM: stopping'));
});

test('a port that is taken ends the process with 2 and says what to set', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const child = start(t, { PORT: String(port), SUITES: 'fixture_passes' });
  const [stderr, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  assert.equal(code, 2);
  assert.match(stderr, new RegExp(`^kube-e2etests: Port ${port} of 127\\.0\\.0\\.1 is in use: .*set PORT`, 'm'));
});

test('bad settings end the process with 2 before it listens', async (t) => {
  const child = start(t, { SUITES: 'fixture_pases', SCHEDULE_NONE: '* * * * *' });
  const [stderr, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  assert.equal(code, 2);
  assert.match(stderr, /SUITES is "fixture_pases": expected a suite that exists, perhaps fixture_passes/);
  assert.match(stderr, /SCHEDULE_NONE is "none"/);
});

test('a kubeconfig that is none is named, with exit code 2', async (t) => {
  const child = start(t, { KUBECONFIG: resolve('package.json'), SUITES: 'fixture_passes' });
  const [stderr, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  assert.equal(code, 2);
  assert.match(stderr, /kube-e2etests: .*(package\.json|current-context)/);
});

test('killed and started again it knows its runs, episodes and availability; another process at its file goes on without', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'history-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const settings = { SUITES: 'fixture_passes,fixture_fails', HISTORY_FILE: join(folder, 'history.db') };
  const known = async (url: string) => {
    const ask = async (path: string) => (await fetch(`${url}${path}`)).json() as Promise<Record<string, unknown>>;
    const [passes, fails] = await Promise.all([ask('results/fixture_passes'), ask('results/fixture_fails')]);
    const { windows, budgetLeft } = await ask('slo/fixture_fails');
    return {
      runs: [passes.runs, fails.runs],
      findings: (fails.latest as RunResult).steps.map(({ name, status, findings }) => [name, status, findings]),
      windows,
      budgetLeft,
      episodes: await ask('episodes.json'),
    };
  };
  const metrics = async (url: string) => (await fetch(`${url}metrics`)).text();
  const first = await serving(t, settings);
  for (const suite of ['fixture_passes', 'fixture_fails', 'fixture_passes'])
    await fetch(`${first.url}run/${suite}`, { method: 'POST' });
  await eventually(
    'all is written',
    60_000,
    () => metrics(first.url),
    (text) => /^e2etest_history_waiting 0$/m.test(text),
  );
  const before = await known(first.url);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const second = await serving(t, settings);
  const after = await known(second.url);
  assert.deepEqual(after, before);
  assert.equal((after.runs[0] as unknown[]).length, 2);
  assert.match(await metrics(second.url), /^e2etest_history_writable 1$/m);

  const third = await serving(t, settings);
  const { msg } = await third.logged((line) => line.msg.startsWith('HISTORY_FILE'));
  assert.match(msg, /another process uses it/);
  assert.match(await metrics(third.url), /^e2etest_history_writable 0$/m);
  assert.equal((await fetch(`${third.url}run/fixture_passes`, { method: 'POST' })).status, 200);
  second.child.kill('SIGTERM');
  assert.deepEqual(await once(second.child, 'exit'), [0, null]);
});
