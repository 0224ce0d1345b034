import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openSite, type Site, type SiteParts } from '../browser/fixtures.ts';
import { faults, healthy } from '../browser/states.ts';

async function site(t: TestContext, parts: SiteParts = {}): Promise<Site> {
  const opened = await openSite(parts);
  t.after(opened.close);
  return opened;
}

const get = async ({ app }: Site, url: string) => app.inject({ url });

test('a form of another site starts nothing and breaks nothing', async (t) => {
  const here = await site(t, { fill: healthy, faults: faults() });
  for (const url of ['/suites/dns/run', '/faults/scheduler-stopped']) {
    for (const origin of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'http://evil.example' }]) {
      const headers = { ...origin, 'content-type': 'application/x-www-form-urlencoded' };
      const { statusCode } = await here.app.inject({ method: 'POST', url, headers, payload: 'on=true' });
      assert.equal(statusCode, 403);
    }
  }
  assert.deepEqual(here.asked, []);
});

test('a switch of the sandbox asks for the token, and refuses what it does not know', async (t) => {
  const here = await site(t, { faults: faults(), token: 'secret' });
  const post = (name: string, payload: string) =>
    here.app.inject({
      method: 'POST',
      url: `/faults/${name}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload,
    });
  assert.equal((await post('dns-servfail', 'on=true')).statusCode, 401);
  assert.equal((await post('dns-servfail', 'on=true&token=wrong')).statusCode, 401);
  assert.equal((await post('dns-servfail', 'on=maybe&token=secret')).statusCode, 400);
  assert.equal((await post('nothing', 'on=true&token=secret')).statusCode, 404);
  const done = await post('dns-servfail', 'on=true&token=secret');
  assert.equal(done.statusCode, 303);
  assert.equal(done.headers.location, '../#faults');
  assert.match((await get(here, '/')).body, /aria-checked="true"[\s\S]*dns-servfail/);
});

test('malformed requests to the page never end in a 5xx', async (t) => {
  const here = await site(t, { fill: healthy, faults: faults() });
  const urls = [
    '/suites/%00',
    '/runs/%F0%28',
    '/badge/',
    '/badge/.svg',
    '/badge/%2e%2e.svg',
    '/steps?page=1e400',
    '/?suites',
    '/runs/__proto__',
    '/suites/constructor',
  ];
  for (const url of urls) assert.ok((await get(here, url)).statusCode < 500, url);
  for (const url of ['/suites/dns/run', '/faults/dns-servfail']) {
    for (const contentType of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'x']) {
      const { statusCode } = await here.app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': contentType },
        payload: '{"on"=&&&%zz',
      });
      assert.ok(statusCode < 500, `${url} ${contentType}: ${statusCode}`);
    }
  }
});
