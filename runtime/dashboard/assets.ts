/** The stylesheet and the script, from memory, under a name that changes with their content. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

export interface Asset {
  readonly path: string;
  readonly type: string;
  readonly body: string;
  readonly gzipped: Buffer;
}

/** Later ones win. */
const styles = ['base', 'verdict', 'suites', 'steps', 'history', 'levels', 'forms', 'narrow'];
/** Each in a block of its own: they share no names. */
const scripts = ['live', 'forms'];

export const assets = {
  css: asset('page.css', 'text/css; charset=utf-8', styles.map((name) => withoutSpace(read(`${name}.css`))).join('')),
  js: asset(
    'page.js',
    'text/javascript; charset=utf-8',
    scripts.map((name) => `{${withoutIndentation(read(`${name}.js`))}}`).join(''),
  ),
} as const;

function asset(name: string, type: string, body: string): Asset {
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 10);
  return { path: `/assets/${hash}-${name}`, type, body, gzipped: gzipSync(body) };
}

function read(file: string): string {
  return readFileSync(new URL(`./client/${file}`, import.meta.url), 'utf8');
}

function withoutSpace(css: string): string {
  return css
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([{};,>]) ?/g, '$1')
    .replaceAll(': ', ':')
    .replaceAll(';}', '}');
}

/** Comments of their own line go too; a line that begins so in a string would be a mistake. */
function withoutIndentation(js: string): string {
  return js.replaceAll(/^\s*(?:\/\/.*)?\n/gm, '').replaceAll(/^\s+/gm, '');
}
