/** The agent: whom it answers, and what it can be made to ask. */
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createAgent } from '../../agent/agent.ts';
import { type AgentQuestion, type AgentReport, type NamesReport, paths, sizes } from '../../agent/contract.ts';
import { runAgent } from '../../agent/main.ts';
import { headers, isProven, newKey, signed } from '../../agent/signature.ts';
import { opened, readResolvConf, type Ways } from '../../agent/ways.ts';

const key = newKey();

interface Reply {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** An agent whose every connection leads to itself, whoever is meant. */
async function start(t: TestContext, changes: Partial<Ways> = {}) {
  const dialled: string[] = [];
  const queried: string[] = [];
  let port = 0;
  const ways: Ways = {
    connect: (host, asked, signal) => {
      dialled.push(`${host}:${asked}`);
      return opened(() => connect(port, '127.0.0.1'), signal);
    },
    search: ['t.svc.example.org', 'svc.example.org', 'example.org'],
    ndots: 5,
    query: async (_, name) => {
      queried.push(name);
      return ['10.96.0.1'];
    },
    ...changes,
  };
  const server = createServer(createAgent({ key, node: 'n1', ways }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const send = (method: string, path: string, own: Record<string, string>, body?: string) =>
    new Promise<Reply>((resolve, reject) => {
      const sent = request({ port, method, path, headers: own, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
      });
      sent.on('error', reject).end(body);
    });
  const ask = (question: unknown, of = key, path: string = paths.ask) => {
    const body = JSON.stringify(question);
    return send('POST', path, signed(of, { method: 'POST', path, body }), body);
  };
  return { send, ask, dialled, queried };
}

const question: AgentQuestion = { service: '10.96.0.7', peers: [{ node: 'n2', host: '10.244.1.2' }], withinMs: 2_000 };

test('an agent says to nobody but who has the key of its run what it sees', async (t) => {
  const { ask, send, dialled } = await start(t);
  const path = `${paths.hello}?bytes=${sizes.small}`;
  const own = signed(key, { method: 'GET', path });
  const refused = [
    await ask(question, newKey()),
    await send('GET', path, {}),
    await send('GET', `${paths.hello}?bytes=17`, own),
    await send('POST', path, own),
    await send(
      'POST',
      paths.ask,
      signed(key, { method: 'POST', path: paths.ask, body: 'another' }),
      JSON.stringify(question),
    ),
  ];
  assert.deepEqual(
    refused.map(({ status, text }) => [status, text]),
    refused.map(() => [403, '']),
  );
  assert.deepEqual(dialled, []);
  assert.equal((await send('GET', path, own)).status, 200);
});

test('a request that was heard on the way cannot be sent again', async (t) => {
  const { send } = await start(t);
  const path = `${paths.hello}?bytes=${sizes.small}`;
  const own = signed(key, { method: 'GET', path });
  assert.deepEqual([(await send('GET', path, own)).status, (await send('GET', path, own)).status], [200, 403]);
});

test('it reports on the service, on the DNS and on its peers, and proves that it was asked', async (t) => {
  const { send, dialled } = await start(t);
  const body = JSON.stringify(question);
  const own = signed(key, { method: 'POST', path: paths.ask, body });
  const { text, headers: said } = await send('POST', paths.ask, own, body);
  assert.ok(isProven(key, own[headers.once] ?? '', text, said[headers.proof]));
  const { node, service, dns, peers } = JSON.parse(text) as AgentReport;
  assert.deepEqual([node, service.why, dns.why], ['n1', undefined, undefined]);
  assert.deepEqual(
    peers.map((peer) => [peer.node, peer.answered, peer.why, peer.large?.why]),
    [['n2', 5, undefined, undefined]],
  );
  assert.deepEqual([...new Set(dialled)].sort(), ['10.244.1.2:8080', '10.96.0.7:80']);
});

test('a server at the address of an agent that has not the key is taken for none', async (t) => {
  const stranger = createServer((_, response) => response.end('.'.repeat(sizes.small)));
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  t.after(() => stranger.close());
  const { ask } = await start(t, {
    connect: (_host, _port, signal) =>
      opened(() => connect((stranger.address() as AddressInfo).port, '127.0.0.1'), signal),
  });
  const { peers } = JSON.parse((await ask({ ...question, withinMs: 1_000 })).text) as AgentReport;
  assert.deepEqual([peers[0]?.answered, peers[0]?.why], [0, 'wrong_response']);
});

test('who is silent costs no more than what the question allows', async (t) => {
  const hang = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const { ask } = await start(t, {
    connect: (_host, _port, signal) => hang(signal),
    query: (_type, _name, signal) => hang(signal),
  });
  const began = performance.now();
  const { service, dns, peers } = JSON.parse((await ask({ ...question, withinMs: 1_000 })).text) as AgentReport;
  assert.deepEqual(
    [service.why, dns.why, peers[0]?.why, peers[0]?.large],
    ['timeout', 'timeout', 'timeout', undefined],
  );
  assert.ok(performance.now() - began < 5_000);
});

for (const host of [
  '127.0.0.1',
  '169.254.169.254',
  '0.0.0.0',
  '224.0.0.1',
  '::1',
  'fe80::1',
  '::ffff:127.0.0.1',
  'example.com',
  '',
]) {
  test(`it cannot be made to ask ${host || 'nothing'}`, async (t) => {
    const { ask, dialled } = await start(t);
    assert.equal((await ask({ ...question, service: host })).status, 400);
    assert.equal((await ask({ ...question, peers: [{ node: 'n2', host }] })).status, 400);
    assert.deepEqual(dialled, []);
  });
}

test('questions that are too many, too long or none are refused', async (t) => {
  const { ask, send } = await start(t);
  const [peer] = question.peers;
  assert.equal((await ask({ ...question, peers: Array.from({ length: 9 }, () => peer) })).status, 400);
  assert.equal((await ask({ ...question, withinMs: 60_000 })).status, 400);
  assert.equal((await ask('no question')).status, 400);
  const long = 'x'.repeat(20_000);
  assert.equal(
    (await send('POST', paths.ask, signed(key, { method: 'POST', path: paths.ask, body: long }), long)).status,
    413,
  );
  const path = `${paths.hello}?bytes=99999`;
  assert.equal((await send('GET', path, signed(key, { method: 'GET', path }))).status, 404);
});

test('the kubelet is answered without a signature, and learns nothing', async (t) => {
  const { send } = await start(t);
  const { status, text } = await send('GET', paths.healthy, {});
  assert.deepEqual([status, text], [200, '']);
});

test('started by hand it says who starts it', async (t) => {
  const said = t.mock.method(process.stderr, 'write', () => true);
  assert.equal(await runAgent({}), 2);
  assert.match(
    String(said.mock.calls[0]?.arguments[0]),
    /AGENT_KEY and AGENT_NODE are not set; suites node_mesh and pod_dns start agents/,
  );
});

test('attempts at the service that are led to who is out of reach hide nobody who answers', async (t) => {
  let toService = 0;
  const { ask } = await start(t, {
    connect(host, _, signal) {
      if (host === question.service) toService += 1;
      const isLost = host === question.service && toService <= 4;
      if (!isLost) return Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
  });
  const { service } = JSON.parse((await ask(question)).text) as AgentReport;
  assert.equal(service.why, 'ECONNREFUSED');
  assert.ok(toService >= 8, `${toService} attempts in ${question.withinMs} ms, four of which hung for a second`);
});

test('the DNS is asked for the API server in the domain of the pod', async (t) => {
  const { ask, queried } = await start(t);
  await ask(question);
  assert.deepEqual(queried, ['kubernetes.default.svc.example.org']);
});

const absent = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));

test('names are resolved by the search domains of the pod, those with a dot at the end as they are', async (t) => {
  const asked: string[] = [];
  const { ask } = await start(t, {
    query(type, name) {
      asked.push(`${type} ${name}`);
      return name === 'web.svc.example.org' ? Promise.resolve(['10.0.0.2', '10.0.0.1']) : absent('ENOTFOUND');
    },
  });
  const names = [
    { name: 'web', type: 'address' },
    { name: '_x._tcp.web.', type: 'service' },
  ];
  const reply = await ask({ names, withinMs: 1_000 }, key, paths.names);
  const report = JSON.parse(reply.text) as NamesReport;
  assert.deepEqual(asked.sort(), [
    'address web.svc.example.org',
    'address web.t.svc.example.org',
    'service _x._tcp.web',
  ]);
  assert.deepEqual(
    report.names.map(({ name, why, records, found }) => [name, why, records, found]),
    [
      ['web', undefined, ['10.0.0.1', '10.0.0.2'], 2],
      ['_x._tcp.web.', 'nxdomain', [], 0],
    ],
  );
});

test('a server that fails is no reason to ask for another name; a name with enough dots is first asked for as it is', async (t) => {
  const asked: string[] = [];
  const query: Ways['query'] = (_, name) => {
    asked.push(name);
    return absent(asked.length === 1 ? 'ENODATA' : 'ESERVFAIL');
  };
  const { ask } = await start(t, { query, ndots: 1 });
  const reply = await ask({ names: [{ name: 'web.t', type: 'address' }], withinMs: 1_000 }, key, paths.names);
  assert.deepEqual(asked, ['web.t', 'web.t.t.svc.example.org']);
  assert.equal((JSON.parse(reply.text) as NamesReport).names[0]?.why, 'servfail');
});

test('what is no name is not asked for', async (t) => {
  const { ask } = await start(t);
  for (const names of [
    [{ name: 'a b', type: 'address' }],
    [{ name: 'web', type: 'TXT' }],
    [{ name: '', type: 'address' }],
    Array.from({ length: 9 }, () => ({ name: 'web', type: 'address' })),
    'web',
  ])
    assert.equal((await ask({ names, withinMs: 1_000 }, key, paths.names)).status, 400, JSON.stringify(names));
});

test('a resolv.conf is read as the resolver does', () => {
  assert.deepEqual(
    readResolvConf('search old\nnameserver 10.96.0.10\nsearch t.svc.a svc.a a\noptions edns0 ndots:5\n'),
    {
      search: ['t.svc.a', 'svc.a', 'a'],
      ndots: 5,
    },
  );
  assert.deepEqual(readResolvConf(''), { search: [], ndots: 1 });
});
