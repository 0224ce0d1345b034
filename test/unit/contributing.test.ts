import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { RunResult } from '../../runtime/model/result.ts';

const [, example] = /```ts\n([\s\S]*?)```/.exec(readFileSync(resolve('CONTRIBUTING.md'), 'utf8'))!;

test('the suite of CONTRIBUTING.md runs from a folder of somebody else, and has its types there', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'suites-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'pages.ts'), example!.replace("'../runtime/index.ts'", "'kube-e2etests'"));
  const env = { PATH: process.env.PATH, FUNCTIONS_DIR: folder };
  const words = ['runtime/cli/cli.ts', 'run', 'pages', '--sandbox', '--json'];
  const { stdout, stderr } = spawnSync(process.execPath, words, { env, encoding: 'utf8', timeout: 60_000 });
  assert.deepEqual(
    (JSON.parse(stdout) as RunResult[]).map(({ suite, status }) => [suite, status]),
    [['pages', 'passed']],
    stderr,
  );

  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(resolve('.'), join(folder, 'node_modules/kube-e2etests'));
  const options = { ...JSON.parse(readFileSync(resolve('tsconfig.json'), 'utf8')).compilerOptions };
  const typeRoots = [resolve('node_modules/@types')];
  const wrong = "import { configMap } from 'kube-e2etests';\nexport const page: number = configMap();\n";
  writeFileSync(join(folder, 'wrong.ts'), wrong);
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...options, typeRoots }, include: ['*.ts'] }),
  );
  const checked = spawnSync(resolve('node_modules/.bin/tsc'), ['--noEmit', '-p', folder], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  const lines = checked.stdout.split('\n').filter((line) => /^\S+\.ts\(/.test(line));
  assert.equal(lines.length, 1, checked.stdout);
  assert.match(lines[0]!, /wrong\.ts\(2,14\)/);
});
