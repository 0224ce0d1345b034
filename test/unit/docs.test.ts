/** What the documents name is there: files, npm scripts, commands of ours, links and their headings. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { parseCommand } from '../../runtime/cli/usage.ts';

const root = join(import.meta.dirname, '../..');
/** Decisions are of their day and are never edited: what they name may be gone. */
const pages = ['README.md', 'CONTRIBUTING.md', 'TROUBLESHOOTING.md', 'sandbox/README.md']
  .concat(readdirSync(join(root, 'docs')).map((name) => `docs/${name}`))
  .filter((path) => path.endsWith('.md'));
const texts = new Map(pages.map((page) => [page, readFileSync(join(root, page), 'utf8')]));

/** What stands between backticks, and the lines of code. */
function codeOf(text: string): readonly string[] {
  const fenced = [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].flatMap(([, code = '']) => code.split('\n'));
  const indented = [...text.matchAll(/^ {4}(\S.*)$/gm)].map(([, line = '']) => line);
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...fenced, ...indented, ...inline];
}

const folders = readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
/** A path that begins with a folder of ours. Placeholders in <> and wildcards are left out. */
const path = new RegExp(
  `(?<![\\w/.@-])(?:${folders.filter((name) => /^\w/.test(name)).join('|')})/[\\w./-]*\\w/?(?![\\w<*…{])`,
  'g',
);
/** What a command makes. */
const made = /^(dist|dist-release|node_modules)\//;

for (const [page, text] of texts) {
  test(`${page} names files that are there`, () => {
    const named = codeOf(text).flatMap((code) => [...code.matchAll(path)].map(([found]) => found));
    const missing = named.filter((one) => !made.test(one) && !existsSync(join(root, one)));
    assert.deepEqual([...new Set(missing)], []);
  });

  test(`${page} links to files and headings that are there`, () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : join(dirname(page), file);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(join(root, target), 'utf8')).includes(anchor);
    });
    assert.deepEqual(broken, []);
  });

  test(`${page} names commands that there are`, () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const code = codeOf(text);
    const npm = code.flatMap((line) => [...line.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name));
    assert.deepEqual(
      npm.filter((name) => !(name in scripts)),
      [],
    );
    const ours = code.flatMap((line) =>
      [...line.matchAll(/npx kube-e2etests ([\w-][^#&|]*)/g)].map(([, words = '']) => words),
    );
    for (const words of ours) assert.doesNotThrow(() => parseCommand(words.trim().split(/\s+/)), words);
  });
}

/** The headings as GitHub links to them. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
