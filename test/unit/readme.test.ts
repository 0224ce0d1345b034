import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { settings } from '../../runtime/config/config.ts';
import { findSuites } from '../../runtime/run/registry.ts';

const file = new URL('../../README.md', import.meta.url);
const readme = readFileSync(file, 'utf8');

/** What the table must say; UPDATE_README=1 writes it. */
function settingsTable(): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
  const rows = settings.map(({ name, default: value, unit, description }) => {
    const shown = value === '' ? '' : `\`${value}\`${unit ? ` ${unit}` : ''}`;
    return `| \`${name}\` | ${shown} | ${cell(description)} |`;
  });
  return ['| variable | default | |', '|---|---|---|', ...rows].join('\n');
}

test('the configuration table of the README is the one in the code', () => {
  const [before, rest = ''] = readme.split('<!-- settings -->\n');
  const [table, after] = rest.split('<!-- /settings -->');
  if (process.env.UPDATE_README) {
    writeFileSync(file, `${before}<!-- settings -->\n${settingsTable()}\n<!-- /settings -->${after}`);
    return;
  }
  assert.equal(table?.trim(), settingsTable(), 'run UPDATE_README=1 node --test test/unit/readme.test.ts');
});

test('the README has a row for every suite', () => {
  for (const suite of findSuites().keys()) assert.match(readme, new RegExp(`^\\| ${suite} \\|`, 'm'));
});

test('every file that the README links to is there', () => {
  const links = [...readme.matchAll(/\]\((?!http)([^)#]+)/g)].map(([, path]) => path ?? '');
  const missing = links.filter((path) => !existsSync(new URL(path, file)));
  assert.deepEqual(missing, []);
});
