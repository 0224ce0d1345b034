import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const product = globSync('{agent,functions,runtime,sandbox}/**/*.ts', { cwd: root });
const longestLines = 250;

test(`no file of the product is longer than ${longestLines} lines`, () => {
  const longer = product.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length - 1 > longestLines);
  assert.deepEqual(longer, []);
});

test('no two files of runtime/ have one name, but index.ts', () => {
  const names = product.filter((file) => file.startsWith('runtime/')).map((file) => basename(file));
  const twice = names.filter((name, index) => name !== 'index.ts' && names.indexOf(name) !== index);
  assert.deepEqual(twice, []);
});
