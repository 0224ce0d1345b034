import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');

/** A planted file, and the rule that must refuse it. */
const violations = [
  { file: 'functions/planted.ts', imports: '../runtime/kube/index.ts', rule: 'functions-have-one-door' },
  { file: 'functions/planted.ts', imports: 'node:fs', rule: 'functions-have-one-door' },
  { file: 'functions/planted.ts', imports: './other.ts', rule: 'functions-have-one-door' },
  { file: 'runtime/run.ts', imports: './kube/index.ts', rule: 'deciders-know-no-edge' },
  { file: 'runtime/store.ts', imports: 'fastify', rule: 'deciders-know-no-edge' },
  { file: 'runtime/server/planted.ts', imports: '@kubernetes/client-node', rule: 'only-kube-knows-the-api-client' },
  { file: 'runtime/kube/planted.ts', imports: '@kubernetes/client-node', rule: 'the-api-client-comes-late' },
  { file: 'runtime/server/planted.ts', imports: '../kube/index.ts', rule: 'server-asks-the-runner' },
  { file: 'runtime/kube/planted.ts', imports: '../store.ts', rule: 'kube-knows-no-caller' },
  { file: 'runtime/probes/planted.ts', imports: '../kube/index.ts', rule: 'probes-observe-from-outside' },
  { file: 'runtime/cli.ts', imports: '../functions/other.ts', rule: 'functions-are-reached-by-path' },
  { file: 'runtime/diagnosis/planted.ts', imports: '../store.ts', rule: 'diagnosis-is-pure' },
  { file: 'sandbox/planted.ts', imports: '../runtime/model.ts', rule: 'sandbox-is-a-cluster' },
  { file: 'runtime/schedule.ts', imports: '../sandbox/index.ts', rule: 'only-main-starts-the-sandbox' },
  { file: 'runtime/cli.ts', imports: '../test/planted.ts', rule: 'nothing-imports-tests' },
];

/** A tree of one-line files with the project's own rules over it. */
function plant(file: string, imports: string): string {
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
    'runtime/store.ts',
    'runtime/model.ts',
    'functions/other.ts',
    'sandbox/index.ts',
    'test/planted.ts',
  ];
  for (const path of bystanders) put(path, 'export const there = true;\n');
  put(file, `import * as planted from '${imports}';\nexport const kept = planted;\n`);
  return tree;
}

for (const { file, imports, rule } of violations) {
  test(`refuses ${imports} in ${file}: ${rule}`, async (t) => {
    const tree = plant(file, imports);
    t.after(() => rmSync(tree, { recursive: true }));
    const cruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const run = promisify(execFile)(
      process.execPath,
      [cruise, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', '.'],
      {
        cwd: tree,
        maxBuffer: 2 ** 26,
      },
    );
    const { stdout } = await run.catch((error: { stdout: string }) => error);
    const broken = JSON.parse(stdout).summary.violations.map(
      (violation: { rule: { name: string } }) => violation.rule.name,
    );
    assert.ok(broken.includes(rule), `broken rules: ${broken}`);
  });
}
