import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findSuites, type LoadOptions, loadSuites, SuitesError } from '../../runtime/run/registry.ts';

async function folder(t: TestContext, files: Record<string, string>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'suites-'));
  t.after(() => rm(path, { recursive: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return path;
}

const settings = { replicas: 3, dnsQueryName: 'a.test' };
const suite = (body: string) =>
  `import { defineSuite } from 'kube-e2etests';\nexport default defineSuite({ ${body} });\n`;
const whole = suite(`description: 'Nothing', steps: ['One'], uses: [], async run(t) { await t.step('One', () => 1); }`);

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
      ...{ steps: ['One'], uses: [], run: 'function' },
    },
  );
  assert.ok(Object.isFrozen(loaded));
});

for (const [what, uses, says] of [
  ['nothing', '', /say which kinds it makes and keeps: write uses: \[makes\(configMap\)/],
  ['what it needs, as suites did before', "needs: ['namespace'],", /needs is uses now: write uses/],
  ['no list', "uses: 'configmaps',", /uses is string: write/],
  ['a kind alone', 'uses: [configMap],', /each is makes\(…\), keeps\(…\) or asks\(…\) of a kind/],
  ['a kind without its plural', "uses: [makes({ apiVersion: 'v1', kind: 'Secret' })],", /kind Secret lacks .* kindOf/],
  ['to keep what can only be made', 'uses: [keeps(namespace)],', /a Namespace cannot be kept, only made/],
  [
    'a deed that its kind does not have',
    "uses: [keeps(deployment, 'shrink')],",
    /no 'shrink' for a Deployment; perhaps scale/,
  ],
] as const) {
  test(`a suite that says ${what} of its uses is refused, with what to write`, async (t) => {
    const text = `import { configMap, deployment, keeps, makes, namespace } from 'kube-e2etests';
      export default { description: 'd', steps: ['s'], ${uses} run() {} };`;
    const functionsDir = await folder(t, { 'plain.js': text });
    await assert.rejects(loadSuites({ settings, functionsDir, names: ['plain'] }), says);
  });
}

test('what a suite from outside uses comes as data, and can be asked', async (t) => {
  const text = suite(
    `description: 'd', steps: ['s'], uses: [makes(configMap), keeps(deployment, 'scale')], async run() {}`,
  );
  const named = text.replace('defineSuite }', 'configMap, defineSuite, deployment, keeps, makes }');
  const functionsDir = await folder(t, { 'uses.ts': named });
  const [loaded] = await loadSuites({ settings, functionsDir, names: ['uses'] });
  const uses = loaded?.uses ?? [];
  assert.deepEqual(uses, structuredClone(uses));
  assert.deepEqual(
    uses.map(({ how, kind: { apiVersion, kind }, besides }) => [how, apiVersion, kind, ...besides]),
    [
      ['makes', 'v1', 'ConfigMap'],
      ['keeps', 'apps/v1', 'Deployment', 'scale'],
    ],
  );
});

test('step names may hold a setting', async (t) => {
  const functionsDir = await folder(t, {
    'named.ts': suite(`description: 'd', steps: (s) => ['Resolve ' + s.dnsQueryName], uses: [], async run() {}`),
  });
  const [loaded] = await loadSuites({ settings, functionsDir, names: ['named'] });
  assert.deepEqual(loaded?.steps, ['Resolve a.test']);
});

test('every suite of ours loads, by the name of its file', async () => {
  const loaded = await loadSuites({ settings, group: 'all' });
  const files = readdirSync(new URL('../../functions/', import.meta.url)).map((file) => file.replace(/\.ts$/, ''));
  assert.deepEqual(
    loaded.map(({ name }) => name),
    files.sort(),
  );
});

test('every suite of ours has an area', async () => {
  const loaded = await loadSuites({ settings, group: 'all' });
  assert.deepEqual(
    loaded.filter(({ area }) => !area).map(({ name }) => name),
    [],
  );
});

test('a suite that is not on by default runs where it is named, and with all', async (t) => {
  const seldom = whole.replace('uses:', "area: 'nodes', byDefault: false, uses:");
  const functionsDir = await folder(t, { 'zz_often.ts': whole, 'zz_seldom.ts': seldom });
  const loadedBy = async (choice: Pick<LoadOptions, 'names' | 'group'>) =>
    (await loadSuites({ settings, functionsDir, ...choice }))
      .filter(({ file }) => file)
      .map(({ name, area = 'none' }) => `${name}: ${area}`);
  const [often, named] = ['zz_often: none', 'zz_seldom: nodes'];
  assert.deepEqual(await loadedBy({}), [often]);
  assert.deepEqual(await loadedBy({ names: ['zz_seldom'] }), [named]);
  assert.deepEqual(await loadedBy({ group: 'all' }), [often, named]);
  assert.deepEqual(await loadedBy({ names: ['zz_seldom'], group: 'default' }), [named, often]);
});

test('a suite cannot have the name of a word that SUITES takes', async (t) => {
  const functionsDir = await folder(t, { 'all.ts': whole });
  assert.throws(() => findSuites(functionsDir), /all\.ts: rename it; all in SUITES means every suite/);
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
    'vague.ts': suite(`description: ' ', area: 'luck', byDefault: 'no', steps: [], uses: 'luck', timeout: 0, run: 1`),
    'twice.ts': suite(`description: 'd', steps: ['A', 'A', 'A'], uses: [], async run() {}`),
  });
  const message = await problemsOf(functionsDir, ['empty', 'throws', 'vague', 'twice']);
  for (const expected of [
    /empty\.ts: has no suite; write `export default defineSuite/,
    /throws\.ts: cannot be loaded: no such luck/,
    /vague\.ts: give it a description/,
    /vague\.ts: area is "luck": write one of control plane, workloads, network, names, nodes, storage/,
    /vague\.ts: byDefault is "no": write false/,
    /vague\.ts: list its steps/,
    /vague\.ts: give it a function/,
    /vague\.ts: uses is string: write uses/,
    /vague\.ts: timeout is 0/,
    /twice\.ts: two steps are called "A"; rename one/,
  ])
    assert.match(message, expected);
  assert.equal(message.split('\n').length, 10);
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
