import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { cruise, type IConfiguration } from 'dependency-cruiser';

const root = resolve(import.meta.dirname, '../..');

const { options, ...ruleSet } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as IConfiguration;

/** A planted file, and the rule that must refuse it. */
const violations = [
  { file: 'functions/planted.ts', imports: '../runtime/kube/index.ts', rule: 'functions-have-one-door' },
  { file: 'functions/planted.ts', imports: 'node:fs', rule: 'functions-have-one-door' },
  { file: 'functions/planted.ts', imports: './other.ts', rule: 'functions-have-one-door' },
  { file: 'runtime/run/run.ts', imports: '../kube/index.ts', rule: 'deciders-know-no-edge' },
  { file: 'runtime/memory/store.ts', imports: 'fastify', rule: 'deciders-know-no-edge' },
  { file: 'runtime/model/planted.ts', imports: '../memory/store.ts', rule: 'model-is-types' },
  {
    file: 'runtime/server/planted.ts',
    imports: '@kubernetes/client-node',
    rule: 'only-kube-client-knows-the-api-client',
  },
  { file: 'runtime/kube/planted.ts', imports: '@kubernetes/client-node', rule: 'the-api-client-comes-late' },
  { file: 'runtime/server/planted.ts', imports: '../kube/index.ts', rule: 'server-asks-the-runner' },
  { file: 'runtime/kube/planted.ts', imports: '../memory/store.ts', rule: 'kube-knows-no-caller' },
  { file: 'runtime/kube/client/planted.ts', imports: '../kinds/job.ts', rule: 'the-client-knows-no-kind' },
  { file: 'runtime/kube/kinds/planted.ts', imports: '../session/session.ts', rule: 'a-kind-knows-no-session' },
  { file: 'runtime/probes/planted.ts', imports: '../kube/index.ts', rule: 'probes-observe-from-outside' },
  { file: 'runtime/sinks/planted.ts', imports: '../kube/index.ts', rule: 'sinks-only-listen' },
  { file: 'runtime/history-file/planted.ts', imports: '../kube/index.ts', rule: 'a-history-file-keeps-memory' },
  { file: 'runtime/sinks/planted.ts', imports: 'node:sqlite', rule: 'only-process-opens-a-history-file' },
  { file: 'runtime/sinks/planted.ts', imports: 'fastify', rule: 'fastify-only-at-the-edge' },
  { file: 'runtime/cli/cli.ts', imports: '../../functions/other.ts', rule: 'functions-are-reached-by-path' },
  { file: 'runtime/diagnosis/planted.ts', imports: '../memory/store.ts', rule: 'diagnosis-is-pure' },
  { file: 'sandbox/planted.ts', imports: '../runtime/model/result.ts', rule: 'sandbox-is-a-cluster' },
  { file: 'runtime/process/schedule.ts', imports: '../../sandbox/index.ts', rule: 'only-main-starts-the-sandbox' },
  { file: 'runtime/cli/cli.ts', imports: '../../test/planted.ts', rule: 'nothing-imports-tests' },
  { file: 'runtime/memory/planted.ts', imports: './looks-back.ts', rule: 'no-cycles' },
  { file: 'runtime/memory/planted.ts', imports: './looks-back-by-type.ts', rule: 'no-type-cycles' },
  { file: 'runtime/memory/planted.ts', imports: './nowhere.ts', rule: 'not-to-unresolvable' },
  { file: 'runtime/memory/planted.ts', rule: 'no-orphans' },
];

/** A tree of one-line files with the project's own rules over it. */
function plant(file: string, imports: string | undefined): string {
  const tree = mkdtempSync(join(tmpdir(), 'import-table-'));
  for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs'])
    cpSync(join(root, name), join(tree, name));
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  const put = (path: string, text: string) => {
    mkdirSync(join(tree, dirname(path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  };
  const bystanders = [
    'runtime/index.ts',
    'runtime/kube/index.ts',
    'runtime/kube/kinds/job.ts',
    'runtime/kube/session/session.ts',
    'runtime/memory/store.ts',
    'runtime/model/result.ts',
    'functions/other.ts',
    'sandbox/index.ts',
    'test/planted.ts',
  ];
  for (const path of bystanders) put(path, 'export const there = true;\n');
  put('runtime/memory/looks-back.ts', "export * from './planted.ts';\n");
  put('runtime/memory/looks-back-by-type.ts', "export type * from './planted.ts';\n");
  put(
    file,
    imports ? `import * as planted from '${imports}';\nexport const kept = planted;\n` : 'export const kept = 1;\n',
  );
  return tree;
}

for (const { file, imports, rule } of violations) {
  test(`refuses ${imports ?? 'what nobody imports'} in ${file}: ${rule}`, async (t) => {
    const tree = plant(file, imports);
    t.after(() => rmSync(tree, { recursive: true }));
    const broken = await brokenRules(tree);
    assert.ok(broken.includes(rule), `broken rules: ${broken}`);
  });
}

/** Names of the rules that the tree breaks. */
async function brokenRules(tree: string): Promise<readonly string[]> {
  const { output } = await cruise(['.'], { ruleSet, ...options, baseDir: tree, validate: true });
  if (typeof output === 'string') throw new Error(output);
  return output.summary.violations.map(({ rule }) => rule.name);
}

test('every rule has a planted violation', () => {
  const rules = (ruleSet.forbidden ?? []).map(({ name }) => name);
  assert.deepEqual([...new Set(violations.map(({ rule }) => rule))].sort(), rules.sort());
});
