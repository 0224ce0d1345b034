import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openSite, type Site, type SiteParts } from '../browser/fixtures.ts';
import { broken, faults } from '../browser/states.ts';

const pages = [
  '/',
  '/steps',
  '/episodes',
  '/suites/http',
  '/suites/http/',
  '/suites/http/run',
  '/runs/mhttp015',
  '/runs/nothing',
];

async function site(t: TestContext, parts: SiteParts = {}): Promise<Site> {
  const opened = await openSite({ fill: broken, faults: faults(), ...parts });
  t.after(opened.close);
  return opened;
}

/** Where the links, forms and files of a page lead that a browser has loaded from `base`. */
function targets(html: string, base: string): readonly URL[] {
  const found = [...html.matchAll(/ (?:href|src|action|data-root)="([^"#?][^"]*)"/g)].map(([, link]) => link!);
  return found.map((link) => new URL(link.replaceAll('&amp;', '&'), base));
}

test('every link of every page holds below any path, as kubectl proxy serves it, and leads to what is there', async (t) => {
  const { app, store } = await site(t);
  const prefix = '/api/v1/namespaces/kube-e2etests/services/http:kube-e2etests:80/proxy';
  const paths = new Set<string>();
  for (const page of pages) {
    const { body } = await app.inject({ url: page, headers: { accept: 'text/html' } });
    const found = targets(body, `http://apiserver${prefix}${page}`);
    assert.ok(found.length > 5, page);
    for (const { pathname } of found) {
      assert.ok(pathname.startsWith(`${prefix}/`), `${page}: ${pathname}`);
      paths.add(pathname.slice(prefix.length));
    }
  }
  // A run under way has no page yet, and a switch takes POST.
  const underway = store.underway().map(({ id }) => `/runs/${id}`);
  for (const url of [...paths].filter((path) => !path.startsWith('/faults/') && !underway.includes(path))) {
    const { statusCode } = await app.inject({ url });
    assert.ok(statusCode === 200 || (url === '/health' && statusCode === 503), `${url}: ${statusCode}`);
  }
});

test('where a proxy says what it has taken off, links name it, unless it is no path', async (t) => {
  const { app } = await site(t);
  const rootOf = async (forwarded: string, url = '/suites/http') =>
    /data-root="([^"]*)"/.exec((await app.inject({ url, headers: { 'x-forwarded-prefix': forwarded } })).body)?.[1];
  assert.equal(await rootOf('/tools/e2e'), '/tools/e2e/');
  assert.equal(await rootOf('/e2e/, /inner'), '/e2e/');
  for (const evil of ['//evil.example', 'https://evil.example', '/a"b', 'e2e', '', '/'])
    assert.equal(await rootOf(evil), '../', evil);
});

test('below BASE_PATH it answers with and without it, and every link has it', async (t) => {
  const { app } = await site(t, { basePath: '/e2e' });
  for (const url of ['/e2e', '/e2e/', '/e2e/?suites=dns', '/', '/e2e/suites/http', '/suites/http']) {
    const { statusCode, body } = await app.inject({ url });
    assert.equal(statusCode, 200, url);
    for (const { pathname } of targets(body, `http://host${url}`)) assert.ok(pathname.startsWith('/e2e/'), pathname);
  }
  assert.equal((await app.inject({ url: '/e2etests' })).statusCode, 404);
});

test('a form leads back to the page below the path', async (t) => {
  const { app } = await site(t);
  const post = async (headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/suites/dns/run', headers: { accept: 'text/html', ...headers } });
  assert.equal((await post({})).headers.location, '../../#suite-dns');
  assert.equal((await post({ 'x-forwarded-prefix': '/e2e' })).headers.location, '/e2e/#suite-dns');
  const { headers, body } = await post({ 'x-forwarded-prefix': '/e2e', accept: 'application/json' });
  assert.match(String(headers.location), /^\/e2e\/runs\//);
  assert.match(JSON.parse(body).result, /^\/e2e\/results\/dns\//);
});
