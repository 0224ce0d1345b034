import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { test } from 'node:test';
import { type Bench, type Body, deployWeb, eventually, home, startBench } from './kit.ts';

const { core } = home('t');

function resolver({ sandbox }: Bench): Resolver {
  const one = new Resolver({ tries: 1, timeout: 500 });
  one.setServers([...sandbox.dnsServers]);
  return one;
}

test('every pod serves its page and logs each request in the combined format', async (t) => {
  const api = await startBench(t);
  const { pods } = await deployWeb(api, 't', 'the page\n');
  for (const pod of pods) {
    const answer = await api.fetch(`http://${pod.status.podIP}/`, { agent: 'probe/1 "run"' });
    assert.deepEqual(answer, { status: 200, body: 'the page\n' });
    const { body } = await api.get(`${core}/pods/${pod.metadata.name}/log`);
    const lines = body.trimEnd().split('\n');
    assert.match(
      lines.at(-1),
      /^10\.244\.0\.1 - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/ HTTP\/1\.1" 200 9 "-" "probe\/1 \\x22run\\x22"$/,
    );
    assert.equal((await api.fetch(`http://${pod.status.podIP}/nope`)).status, 404);
  }
});

test('logs are cut by lines, bytes and time', async (t) => {
  const api = await startBench(t);
  const { pods } = await deployWeb(api, 't');
  const log = `${core}/pods/${pods[0].metadata.name}/log`;
  for (const path of ['a', 'b', 'c']) await api.fetch(`http://${pods[0].status.podIP}/${path}`);
  const tail = (await api.get(`${log}?tailLines=2`)).body.trimEnd().split('\n');
  assert.deepEqual(
    tail.map((line: string) => / \/(\w) /.exec(line)?.[1]),
    ['b', 'c'],
  );
  assert.equal((await api.get(`${log}?limitBytes=10`)).body.length, 10);
  assert.equal((await api.get(`${log}?sinceTime=2100-01-01T00:00:00Z`)).body, '');
  assert.match((await api.get(`${log}?timestamps=true&tailLines=1`)).body, /^\d{4}-\d\d-\d\dT[\d:.]+Z 10\.244/);
  const wrong = await api.get(`${log}?container=nope`);
  assert.equal(wrong.body.message, `container nope is not valid for pod ${pods[0].metadata.name}`);
});

test('a service shares new connections among its ready pods', async (t) => {
  const api = await startBench(t);
  const { pods, address } = await deployWeb(api, 't');
  await eventually(() => api.fetch(`http://${address}/`));
  for (let count = 0; count < 6; count += 1) assert.equal((await api.fetch(`http://${address}/`)).body, 'hello\n');
  for (const pod of pods) {
    const { body } = await api.get(`${core}/pods/${pod.metadata.name}/log`);
    assert.ok(body.split('\n').filter((line: string) => line.includes('GET /')).length >= 2, body);
  }
});

test('a service without endpoints refuses, an address nobody has does not answer', async (t) => {
  const api = await startBench(t);
  const { pods, address } = await deployWeb(api, 't');
  await eventually(() => api.fetch(`http://${address}/`));
  await assert.rejects(api.fetch(`http://${address}:81/`), /502/);
  await assert.rejects(api.fetch(`http://${pods[0].status.podIP}:81/`), /502/);
  await assert.rejects(api.fetch('http://10.244.9.9/', { timeoutMs: 100 }), { name: 'AbortError' });
});

test('new pods serve the new page, running ones the page they started with', async (t) => {
  const api = await startBench(t);
  const { pods } = await deployWeb(api, 't', 'old\n');
  await api.patch(`${core}/configmaps/web`, { data: { 'index.html': 'new\n' } });
  assert.equal((await api.fetch(`http://${pods[0].status.podIP}/`)).body, 'old\n');
  await api.remove(`${core}/pods/${pods[0].metadata.name}`);
  const fresh = await api.until(
    `${core}/pods`,
    (items) =>
      items.filter((pod) => pod.status.podIP).length === 3 &&
      items.every((pod) => pod.metadata.uid !== pods[0].metadata.uid),
  );
  const known = new Set(pods.map((pod) => pod.metadata.uid));
  const added = fresh.find((pod: Body) => !known.has(pod.metadata.uid));
  await api.until(`${core}/pods`, (items) => items.every((pod) => pod.status.containerStatuses?.[0]?.ready));
  assert.equal((await api.fetch(`http://${added.status.podIP}/`)).body, 'new\n');
});

test('DNS knows services by name and address, and says NXDOMAIN for the rest of its domain', async (t) => {
  const api = await startBench(t);
  const { address, pods } = await deployWeb(api, 't');
  const dns = resolver(api);
  assert.deepEqual(await dns.resolve4('kubernetes.default.svc.cluster.local'), ['10.96.0.1']);
  assert.deepEqual(await dns.resolve4('WEB.t.svc.cluster.local'), [address]);
  assert.deepEqual(await dns.reverse(address), ['web.t.svc.cluster.local']);
  await api.post(`${core}/services`, {
    metadata: { name: 'headless' },
    spec: { clusterIP: 'None', selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  await api.until(`${core}/endpoints`, (items) => items.some((one) => one.metadata.name === 'headless' && one.subsets));
  const addresses = await dns.resolve4('headless.t.svc.cluster.local');
  assert.deepEqual(addresses.sort(), pods.map((pod) => pod.status.podIP).sort());
  await assert.rejects(dns.resolve4('nope.t.svc.cluster.local'), { code: 'ENOTFOUND' });
  await assert.rejects(dns.resolve6('web.t.svc.cluster.local'), { code: 'ENODATA' });
  await assert.rejects(dns.resolve4('example.com'), { code: 'EREFUSED' });
});

test('close ends every listener, and what was open', async () => {
  const { startSandbox } = await import('../../sandbox/index.ts');
  const before = process.getActiveResourcesInfo().filter((kind) => /Server|Timeout|UDP/.test(kind)).length;
  const sandbox = await startSandbox();
  await sandbox.close();
  const after = process.getActiveResourcesInfo().filter((kind) => /Server|Timeout|UDP/.test(kind)).length;
  assert.equal(after, before);
  await assert.rejects(fetch(sandbox.admin.url));
});
