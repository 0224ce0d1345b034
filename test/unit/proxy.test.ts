import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyFor } from '../../runtime/kube/client/proxy.ts';

const proxies = { http: 'http://plain:1', https: 'http://tls:2' };

test('the scheme of the server chooses the proxy, ALL_PROXY is for both', () => {
  assert.equal(proxyFor('https://api.example.org:6443', proxies), 'http://tls:2');
  assert.equal(proxyFor('http://api.example.org', proxies), 'http://plain:1');
  assert.equal(proxyFor('https://api.example.org', { all: 'socks5://s:3' }), 'socks5://s:3');
  assert.equal(proxyFor('https://api.example.org', { https: 'tls:2' }), 'http://tls:2');
  assert.equal(proxyFor('https://api.example.org', { http: 'http://plain:1' }), undefined);
});

test('a server on this machine has none', () => {
  for (const server of ['https://127.0.0.1:6443', 'https://127.8.8.8', 'https://localhost', 'https://[::1]:6443'])
    assert.equal(proxyFor(server, proxies), undefined, server);
});

for (const [server, none, isExempt] of [
  ['https://api.example.org', 'example.org', true],
  ['https://api.example.org', '.example.org', true],
  ['https://example.org', '.example.org', false],
  ['https://example.org', 'example.org', true],
  ['https://notexample.org', 'example.org', false],
  ['https://api.example.org', 'other.org, *', true],
  ['https://api.example.org:6443', 'api.example.org:6443', true],
  ['https://api.example.org:6443', 'api.example.org:443', false],
  ['https://10.96.0.1', '10.0.0.0/8', true],
  ['https://11.96.0.1', '10.0.0.0/8', false],
  ['https://10.96.0.1', '10.96.0.1', true],
  ['https://[fd00::1]:6443', 'fd00::/8', true],
  ['https://[fd00::1]:6443', '[fd00::1]:6443', true],
  ['https://API.Example.org', 'example.ORG', true],
] as const) {
  test(`NO_PROXY=${none} ${isExempt ? 'keeps' : 'does not keep'} ${server} from the proxy`, () => {
    assert.equal(proxyFor(server, { ...proxies, none }), isExempt ? undefined : 'http://tls:2');
  });
}
