import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findSuites, loadSuites, SuitesError } from '../../runtime/run/registry.ts';

async function folder(t: TestContext, files: Record<string, string>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'suites-'));
  t.after(() => rm(path, { recursive: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return path;
}

const settings = { replicas: 3, dnsQueryName: 'a.test' };
const suite = (body: string) =>
  `import { defineSuite } from 'kube-e2etests';\nexport default defineSuite({ ${body} });\n`;
const whole = suite(
  `description: 'Nothing', steps: ['One'], needs: [], async run(t) { await t.step('One', () => 1); }`,
);

async function problemsOf(functionsDir: string, names: string[]): Promise<string> {
  const error = await loadSuites({ settings, functionsDir, names }).then(
    () => assert.fail('was loaded'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof SuitesError, String(error));
  return error.message;
}

test('a suite in FUNCTIONS_DIR is named by its file and imports the door by the name of the package', async (t) => {
  const functionsDir = await folder(t, {
    'my_suite.ts': whole,
    'notes.md': '',
    '_shared.ts': '',
    'my_suite.test.ts': '',
  });
  const [loaded] = await loadSuites({ settings, functionsDir, names: ['my_suite'] });
  assert.deepEqual(
    { ...loaded, run: typeof loaded?.run },
    {
      ...{ name: 'my_suite', file: join(functionsDir, 'my_suite.ts'), description: 'Nothing' },
      ...{ steps: ['One'], needs: [], run: 'function' },
    },
  );
  assert.ok(Object.isFrozen(loaded));
});

test('a suite that names no needs gets a namespace', async (t) => {
  const functionsDir = await folder(t, { 'plain.js': `export default { description: 'd', steps: ['s'], run() {} };` });
  const [loaded] = await loadSuites({ settings, functionsDir, names: ['plain'] });
  assert.deepEqual(loaded?.needs, ['namespace']);
});

test('step names may hold a setting', async (t) => {
  const functionsDir = await folder(t, {
    'named.ts': suite(`description: 'd', steps: (s) => ['Resolve ' + s.dnsQueryName], async run() {}`),
  });
  const [loaded] = await loadSuites({ settings, functionsDir, names: ['named'] });
  assert.deepEqual(loaded?.steps, ['Resolve a.test']);
});

test('the ten suites load', async () => {
  const loaded = await loadSuites({ settings });
  assert.deepEqual(
    loaded.map(({ name }) => name),
    [
      'deployment',
      'deployment_scale',
      'deployment_scale_service',
      'deployment_service',
      'deployment_update',
      'dns',
      'http',
      'http_update',
      'namespace',
      'service',
    ],
  );
});

test('only what is asked for is imported, in the order asked', async (t) => {
  const functionsDir = await folder(t, {
    'b_suite.ts': whole,
    'a_suite.ts': whole,
    'broken.ts': 'throw new Error("imported")',
  });
  const loaded = await loadSuites({ settings, functionsDir, names: ['b_suite', 'a_suite'] });
  assert.deepEqual(
    loaded.map(({ name }) => name),
    ['b_suite', 'a_suite'],
  );
});

test('suites are found by name without importing them', async (t) => {
  const functionsDir = await folder(t, { 'zz_last.ts': 'throw 1', 'aa_first.ts': 'throw 1' });
  const names = [...findSuites(functionsDir).keys()];
  assert.equal(names[0], 'aa_first');
  assert.equal(names.at(-1), 'zz_last');
});

test('every bad suite is named with its file and the mend', async (t) => {
  const functionsDir = await folder(t, {
    'empty.ts': 'export {};',
    'throws.ts': 'throw new Error("no such luck")',
    'vague.ts': suite(`description: ' ', steps: [], needs: ['luck'], timeout: 0, run: 1`),
    'twice.ts': suite(`description: 'd', steps: ['A', 'A', 'A'], async run() {}`),
  });
  const message = await problemsOf(functionsDir, ['empty', 'throws', 'vague', 'twice']);
  for (const expected of [
    /empty\.ts: has no suite; write `export default defineSuite/,
    /throws\.ts: cannot be loaded: no such luck/,
    /vague\.ts: give it a description/,
    /vague\.ts: list its steps/,
    /vague\.ts: give it a function/,
    /vague\.ts: needs is \["luck"\]; it may hold namespace and cluster/,
    /vague\.ts: timeout is 0/,
    /twice\.ts: two steps are called "A"; rename one/,
  ])
    assert.match(message, expected);
  assert.equal(message.split('\n').length, 8);
});

test('a name that cannot be a URL segment and a metric part is refused', async (t) => {
  const functionsDir = await folder(t, { 'My-Suite.ts': whole });
  assert.throws(() => findSuites(functionsDir), /My-Suite\.ts: rename it/);
});

test('two files of one name are refused, and both are named', async (t) => {
  const functionsDir = await folder(t, { 'same.ts': whole, 'same.js': whole });
  assert.throws(() => findSuites(functionsDir), /same\.ts: rename it; .*same\.js is suite same already/);
});

test('an unknown name is answered with the nearest and all there are', async (t) => {
  const functionsDir = await folder(t, { 'my_suite.ts': whole });
  assert.match(
    await problemsOf(functionsDir, ['mysuite']),
    /^No suite mysuite; perhaps my_suite\. There are .*my_suite/,
  );
});

test('a FUNCTIONS_DIR that is not there is named', () => {
  assert.throws(() => findSuites('no/such/folder'), /FUNCTIONS_DIR .*no\/such\/folder cannot be read \(ENOENT\)/);
});
