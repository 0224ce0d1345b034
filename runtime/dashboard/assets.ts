/** The stylesheet and the script, from memory, under a name that changes with their content. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface Asset {
  readonly path: string;
  readonly type: string;
  readonly body: string;
}

export const assets = {
  css: asset('page.css', 'text/css; charset=utf-8'),
  js: asset('page.js', 'text/javascript; charset=utf-8'),
} as const;

function asset(file: string, type: string): Asset {
  const body = readFileSync(new URL(`./client/${file}`, import.meta.url), 'utf8');
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 10);
  return { path: `/assets/${hash}-${file}`, type, body };
}
