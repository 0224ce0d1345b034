import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { RunResult } from '../../runtime/model/result.ts';
import { builtCli, compileCache } from '../built/index.ts';

/** As it ships: a process of the sources spends a second on reading them. */
const builtFile = await builtCli();
const env = {
  PATH: process.env.PATH,
  NODE_COMPILE_CACHE: compileCache,
  KUBECONFIG: resolve('test/fixtures/kubeconfig.yaml'),
  FUNCTIONS_DIR: resolve('test/fixtures/suites'),
};

function start(t: TestContext, args: readonly string[], extra: Record<string, string | undefined> = {}): ChildProcess {
  const child = spawn(process.execPath, [builtFile, ...args], { env: { ...env, ...extra }, stdio: 'pipe' });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

async function cli(t: TestContext, args: readonly string[], extra: Record<string, string | undefined> = {}) {
  const child = start(t, args, extra);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'exit')]);
  return { stdout, stderr, code };
}

/** Resolves when the text has come. */
async function seen(child: ChildProcess, wanted: RegExp): Promise<string> {
  let all = '';
  for await (const chunk of child.stdout!.iterator({ destroyOnReturn: false })) {
    all += String(chunk);
    if (wanted.test(all)) return all;
  }
  return assert.fail(`never came: ${wanted} in ${all}`);
}

test('a run that passes exits with 0 and prints a line for each step', async (t) => {
  const { stdout, stderr, code } = await cli(t, ['run', 'fixture_passes']);
  assert.equal(code, 0, stderr);
  const tested = /^Testing nowhere at https:\/\/127\.0\.0\.1:1, version unknown\nfixture_passes.*\n {2}✓/;
  assert.match(stdout, tested);
  assert.match(stdout, /\nfixture_passes.*\n {2}✓ First \d+ ms\n {2}✓ Second \d+ ms\n✓ passed after/);
  assert.ok(!stdout.includes('\u001b'), 'no colours where there is no terminal');
});

test('a fault of the cluster exits with 1, and shows what was skipped', async (t) => {
  const { stdout, code } = await cli(t, ['run', 'fixture_fails']);
  assert.equal(code, 1);
  assert.match(stdout, /✗ Look .*\n {6}k8s\.pod_failed A pod has failed\n {2}- Look again \(skipped\)\n✗ failed after/);
});

test('a defect of ours exits with 2', async (t) => {
  const { stdout, code } = await cli(t, ['run', 'fixture_breaks']);
  assert.equal(code, 2);
  assert.match(stdout, /run\.defect/);
});

test('suites run one after another, and the worst verdict is the exit code', async (t) => {
  const { stdout, code } = await cli(t, ['run', 'fixture_fails', 'fixture_passes', 'fixture_fails']);
  assert.equal(code, 1);
  assert.deepEqual(stdout.match(/^fixture_\w+/gm), ['fixture_fails', 'fixture_passes']);
});

test('--fail-fast ends with the first suite that is red, and says which were not run', async (t) => {
  const { stdout, code } = await cli(t, ['run', 'fixture_passes', 'fixture_fails', 'fixture_breaks', '--fail-fast']);
  assert.equal(code, 1);
  assert.match(stdout, /\n3 suites: 1 passed, 1 failed \(fixture_fails\), 1 not run\n$/);
});

test('--timeout stops the runs, cleans up and exits with 2', async (t) => {
  const { stdout, code } = await cli(t, ['run', 'fixture_waits', 'fixture_passes', '--timeout', '0.2s']);
  assert.equal(code, 2);
  assert.match(stdout, /The time of --timeout is over\. Stopping and cleaning up/);
  assert.match(stdout, /\n2 suites: 1 errored \(fixture_waits\), 1 not run\n$/);
});

test('patterns name several suites and leave some out', async (t) => {
  const words = ['fixture_*', '!fixture_waits', '!*lingers'];
  const { stdout, code } = await cli(t, ['run', ...words, '--json=stream']);
  const results = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RunResult);
  assert.deepEqual(
    results.map(({ suite, status }) => `${suite} ${status}`),
    ['fixture_breaks errored', 'fixture_fails failed', 'fixture_passes passed'],
  );
  assert.equal(code, 2);
});

test('--junit writes a file that a CI system reads, with what was not run', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'junit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'junit.xml');
  const { code } = await cli(t, ['run', 'fixture_fails', 'fixture_passes', '--fail-fast', '--junit', file]);
  assert.equal(code, 1);
  const xml = readFileSync(file, 'utf8');
  assert.match(xml, /<testsuite name="fixture_fails" tests="2" failures="1" errors="0" skipped="1"/);
  assert.match(xml, /name="Look" time="[\d.]+"><failure message="A pod has failed" type="k8s\.pod_failed">/);
  assert.match(xml, /name="Look again".*<skipped message="an earlier step ended the run"\/>/);
  assert.match(xml, /<testsuite name="fixture_passes".*\n.*<skipped message="not run"\/>/);
});

test('--kubeconfig and --context say which cluster is tested', async (t) => {
  const path = resolve('test/fixtures/kubeconfig.yaml');
  const where = ['run', 'fixture_passes', '--kubeconfig', path, '--context'];
  const { stdout, code } = await cli(t, [...where, 'nowhere', '--json'], { KUBECONFIG: '/etc/none' });
  assert.deepEqual([code, (JSON.parse(stdout) as RunResult[])[0]?.cluster?.name], [0, 'nowhere']);
  const other = await cli(t, [...where, 'elsewhere']);
  assert.deepEqual([other.code, /it has no context elsewhere; there are nowhere/.test(other.stderr)], [2, true]);
});

test('--json prints an array of results and nothing else', async (t) => {
  const { stdout, stderr, code } = await cli(t, ['run', 'fixture_passes', 'fixture_fails', '--json']);
  const results = JSON.parse(stdout) as RunResult[];
  assert.deepEqual(
    results.map(({ suite, status, trigger, cluster }) => [suite, status, trigger, cluster?.name]),
    [
      ['fixture_passes', 'passed', 'cli', 'nowhere'],
      ['fixture_fails', 'failed', 'cli', 'nowhere'],
    ],
  );
  assert.equal(stderr, '');
  assert.equal(code, 1);
});

test('without a cluster nothing is tested, and the message says how to name one', async (t) => {
  for (const KUBECONFIG of [undefined, '', '  ', '/etc/kube/config']) {
    const { stdout, stderr, code } = await cli(t, ['run', 'fixture_passes'], { KUBECONFIG });
    assert.deepEqual([stdout, code], ['', 2], JSON.stringify(KUBECONFIG));
    assert.match(stderr, /KUBECONFIG.*expected/);
  }
  const inPod = { KUBECONFIG: undefined, KUBERNETES_SERVICE_HOST: '10.96.0.1' };
  assert.match((await cli(t, ['serve'], inPod)).stderr, /automountServiceAccountToken: true/);
});

test('the sandbox is tested where that is asked for, and every result says so', async (t) => {
  const { stdout, code } = await cli(t, ['run', 'fixture_passes', '--sandbox', '--json'], { CLUSTER_NAME: 'prod' });
  const [{ cluster }] = JSON.parse(stdout) as [RunResult];
  assert.equal(code, 0);
  assert.equal(cluster?.name, 'prod (sandbox)');
  assert.match(cluster?.server ?? '', /^https:\/\/127\.0\.0\.1:\d+$/);
});

test('a suite works in the same namespace whether it is named alone or with others', async (t) => {
  const namespacesOf = async (args: readonly string[]) => {
    const { stdout } = await cli(t, ['run', ...args, '--json', '--sandbox'], { FUNCTIONS_DIR: undefined });
    return (JSON.parse(stdout) as RunResult[]).map(({ namespace }) => namespace);
  };
  assert.deepEqual(await namespacesOf(['service']), ['kubee2etests-service']);
  assert.deepEqual(await namespacesOf(['service', 'dns']), ['kubee2etests-service', '']);
  assert.deepEqual(await namespacesOf(['service', '--namespace', 'mine']), ['mine']);
});

test('the last line of several runs is a summary', async (t) => {
  const { stdout } = await cli(t, ['run', 'fixture_fails', 'FIXTURE_PASSES', 'fixture_breaks']);
  assert.equal(
    stdout.trimEnd().split('\n').at(-1),
    '3 suites: 1 passed, 1 failed (fixture_fails), 1 errored (fixture_breaks)',
  );
  const one = await cli(t, ['run', 'fixture_passes']);
  assert.match(one.stdout.trimEnd().split('\n').at(-1)!, /^✓ passed/);
});

test('a fault that there is not is bad usage', async (t) => {
  for (const words of [['nosuch'], ['nosuch', 'on'], ['nosuch', 'off']]) {
    const { stderr, code } = await cli(t, ['sandbox', 'fault', ...words]);
    assert.deepEqual([code, /No fault nosuch\. There are:\n {2}dns-nxdomain/.test(stderr)], [2, true], stderr);
  }
});

test('durations in JSON have no more than three places', async (t) => {
  const { stdout } = await cli(t, ['run', 'fixture_passes', '--json']);
  for (const [, places] of stdout.matchAll(/"durationMs": \d+(?:\.(\d+))?/g)) assert.ok((places ?? '').length <= 3);
});

test('the first Ctrl-C aborts the run and cleans up', async (t) => {
  const child = start(t, ['run', 'fixture_waits', 'fixture_passes']);
  await seen(child, /fixture_waits/);
  child.kill('SIGINT');
  const [stdout, [code]] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  assert.equal(code, 2);
  assert.match(stdout, /Stopping and cleaning up/);
  assert.match(stdout, /! errored after/);
  assert.doesNotMatch(stdout, /fixture_passes/, 'nothing new is started');
});

test('the second Ctrl-C leaves at once', async (t) => {
  const child = start(t, ['run', 'fixture_lingers']);
  await seen(child, /✓ Use/);
  child.kill('SIGINT');
  await seen(child, /errored after/);
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  assert.equal(code, 130);
});

test('a reader that goes away costs the run neither its end nor its clean-up', async (t) => {
  const child = start(t, ['run', 'fixture_fails', 'fixture_passes']);
  await seen(child, /fixture_fails/);
  child.stdout!.destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  assert.equal(stderr, '');
  assert.equal(code, 1);
});

test('list names every suite with its description', async (t) => {
  const { stdout, code } = await cli(t, ['list']);
  assert.equal(code, 0);
  assert.match(stdout, /^dns +Resolves/m);
  assert.match(stdout, /^fixture_passes +Passes, without a cluster$/m);
});

const misused: [string[], RegExp][] = [
  [[], /Which command\? Type kube-e2etests --help/],
  [['runn'], /No command runn\. There are run, serve, list, doctor, manifests and sandbox/],
  [['run'], /Name them, or type --all/],
  [['run', ''], /Name them, or type --all/],
  [['run', 'fixture_pases'], /perhaps fixture_passes/],
  [['run', 'fixture_passes', '--all'], /leave out either/],
  [['run', 'htp*'], /htp\*: no suite fits; there are .*http/],
  [['run', '--all', '!fixture_pases'], /!fixture_pases: no suite fits/],
  [['run', 'fixture_passes', '!fixture_passes'], /leaves no suite/],
  [['run', '!a-b'], /!a-b can fit no suite/],
  [
    ['run', 'fixture_passes', '--timeout', 'soon'],
    /--timeout is "soon": expected a time of up to 24 hours, such as 90s/,
  ],
  [
    ['run', 'fixture_passes', '--junit', '/nowhere/junit.xml'],
    /--junit \/nowhere\/junit\.xml cannot be written: ENOENT/,
  ],
  [['run', 'fixture_passes', '--json=yaml'], /--json=yaml is no form of JSON/],
  [['run', 'fixture_passes', '--kubeconfig', '/nowhere'], /--kubeconfig is "\/nowhere": expected a file that exists/],
  [['run', 'fixture_passes', '--sandbox', '--context', 'a'], /leave out either it or --context/],
  [['run', 'fixture_passes', '--replicas', 'many'], /--replicas is "many": expected a whole number/],
  [['run', 'fixture_passes', '--bogus'], /Unknown option '--bogus'\. Type kube-e2etests --help/],
  [['serve', '--json'], /--json does nothing for serve/],
  [['list', 'dns'], /list takes no names/],
];
for (const [args, message] of misused)
  test(`${args.join(' ') || 'no command'}: exits with 2 and says what to type`, async (t) => {
    const { stdout, stderr, code } = await cli(t, args);
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n {4}at /, 'no stack');
    assert.equal(stdout, '');
  });

test('bad settings are all named before anything starts', async (t) => {
  const { stderr, code } = await cli(t, ['run', 'fixture_pases'], { TEST_REPLICAS: 'x', LOG_LEVEL: 'y' });
  assert.match(stderr, /<suite> is "fixture_pases"/);
  assert.equal(code, 2);
  assert.match(stderr, /TEST_REPLICAS is "x"/);
  assert.match(stderr, /LOG_LEVEL is "y"/);
});

test('help and version exit with 0', async (t) => {
  assert.match((await cli(t, ['--help'])).stdout, /kube-e2etests run <suite>/);
  assert.match((await cli(t, ['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
});
