/** Kubeconfigs as people have them, read as client-go reads them. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import type { RunResult } from '../../runtime/model/result.ts';
import { version } from '../../runtime/words/version.ts';
import { type Front, type FrontOptions, findingsIn, openFront, status } from '../front.ts';

const unauthorized = status(401, 'Unauthorized', 'Unauthorized');
const exec = { apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never' };

/** Only these tokens are accepted. */
const accepting = (...tokens: readonly string[]): FrontOptions => ({
  answer: ({ headers }) =>
    tokens.some((token) => headers.authorization === `Bearer ${token}`) ? undefined : unauthorized,
});

function folderOf(front: Front): string {
  return dirname(front.kubeconfigPath);
}

function write(front: Front, file: string, text: string, mode = 0o600): string {
  const path = join(folderOf(front), file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function configOf(cluster: object, user: object, context: object = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    clusters: [{ name: 'k', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', ...context } }],
  });
}

/** A run of the suite namespace with the user given. */
function runAs(front: Front, user: object, file = 'config'): Promise<RunResult> {
  return runWith(front, write(front, file, configOf({ server: front.url }, user)));
}

function runWith(front: Front, KUBECONFIG: string, env: Record<string, string> = {}): Promise<RunResult> {
  return front.run('namespace', { env: { KUBECONFIG, ...env } });
}

function assertGreen(result: RunResult): void {
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
}

function assertOurs(result: RunResult, said: RegExp): void {
  const [finding] = findingsIn(result);
  assert.deepEqual([result.status, finding?.code], ['errored', 'k8s.prerequisite_missing'], finding?.message);
  assert.match(finding?.message ?? '', said);
}

test('a token in a file, relative to the kubeconfig, is sent without its line end', async (t) => {
  const front = await openFront(t, accepting('from-file'));
  write(front, 'token.txt', 'from-file\n');
  assertGreen(await runAs(front, { tokenFile: 'token.txt' }));
});

test('a token file that was replaced is read again when the token is not accepted', async (t) => {
  const front = await openFront(t, accepting('new'));
  write(front, 'token.txt', 'old');
  const path = write(front, 'config', configOf({ server: front.url }, { tokenFile: 'token.txt' }));
  const drive = await front.drive({ env: { KUBECONFIG: path } });
  assert.equal(findingsIn(await drive.runOne(drive.suite('namespace')))[0]?.code, 'api.unauthorized');
  write(front, 'token.txt', 'new');
  assertGreen(await drive.runOne(drive.suite('namespace')));
});

test('somebody else is acted as with groups, uid and extras, each a header of its own', async (t) => {
  const front = await openFront(t);
  const as = {
    as: 'tester',
    'as-uid': '7',
    'as-groups': ['e2e', 'all'],
    'as-user-extra': { 'example.org/scope': ['a'] },
  };
  assertGreen(await runAs(front, { token: 'good', ...as }));
  const { headers } = front.requests[0] as (typeof front.requests)[0];
  const sent = (name: string) => headers[`impersonate-${name}`];
  assert.deepEqual([sent('user'), sent('uid'), sent('group')], ['tester', '7', 'e2e, all']);
  assert.equal(sent('extra-example.org%2fscope') ?? sent('extra-example.org%2Fscope'.toLowerCase()), 'a');
});

test('every request carries our name and version, watches too', async (t) => {
  const front = await openFront(t);
  assert.equal((await front.run('deployment')).status, 'passed');
  assert.ok(front.requests.some(({ url }) => url.includes('watch=true')));
  const agents = new Set(front.requests.map(({ headers }) => headers['user-agent']));
  assert.deepEqual([...agents], [`kube-e2etests/${version}`]);
});

const answerWith = (answer: object) =>
  `echo '${JSON.stringify({ kind: 'ExecCredential', apiVersion: exec.apiVersion, ...answer })}'`;
const good = answerWith({ status: { token: 'good' } });

for (const [what, script] of [
  ['relative to the kubeconfig', `#!/bin/sh\n${good}\n`],
  [
    'that asks for KUBERNETES_EXEC_INFO',
    `#!/bin/sh\ncase "$KUBERNETES_EXEC_INFO" in *'"server":"http'*) ${good};; *) exit 1;; esac\n`,
  ],
  ['that leaves something running', `#!/bin/sh\nsleep 30 &\n${good}\n`],
] as const) {
  test(`a login command ${what} is run`, async (t) => {
    const front = await openFront(t, accepting('good'));
    write(front, 'bin/login', script, 0o755);
    assertGreen(
      await runAs(front, {
        exec: { ...exec, command: './bin/login', args: null, env: null, provideClusterInfo: true },
      }),
    );
  });
}

for (const [what, script, said] of [
  ['fails and says nothing', '#!/bin/sh\nexit 3\n', /user u .*login ended with 3 and said nothing/],
  ['fails and says why', '#!/bin/sh\necho "log in first" >&2; exit 1\n', /login ended with 1: log in first/],
  [
    'greets',
    `#!/bin/sh\necho "Update available"\n${good}\n`,
    /more than an ExecCredential on stdout: "Update available"/,
  ],
  ['says nothing', '#!/bin/sh\ntrue\n', /answers with nothing on stdout/],
  ['gives no status', `#!/bin/sh\n${answerWith({})}\n`, /without a token or certificate: log in/],
] as const) {
  test(`a login command that ${what} is errored with the reason`, async (t) => {
    const front = await openFront(t);
    const command = write(front, 'login', script, 0o755);
    assertOurs(await runAs(front, { exec: { ...exec, command } }), said);
  });
}

test('a login command that is not installed is errored with its hint', async (t) => {
  const front = await openFront(t);
  const missing = {
    ...exec,
    command: 'login-of-a-cloud-that-is-not-here',
    installHint: 'See https://docs.example.org/login',
  };
  assertOurs(await runAs(front, { exec: missing }), /is not installed.*See https:\/\/docs\.example\.org\/login/);
});

test('a token without an end is asked for anew when it is not accepted, and once only', async (t) => {
  let accepted = 't-1';
  const front = await openFront(t, {
    answer: ({ headers }) => (headers.authorization === `Bearer ${accepted}` ? undefined : unauthorized),
  });
  const count = join(folderOf(front), 'count');
  const script = `#!/bin/sh\necho x >> ${count}\nn=$(wc -l < ${count} | tr -d ' ')\necho "{\\"status\\":{\\"token\\":\\"t-$n\\"}}"\n`;
  const command = write(front, 'login', script, 0o755);
  const path = write(front, 'config', configOf({ server: front.url }, { exec: { ...exec, command } }));
  const drive = await front.drive({ env: { KUBECONFIG: path } });
  const run = () => drive.runOne(drive.suite('namespace'));
  assertGreen(await run());
  accepted = 't-2';
  assertGreen(await run());
  accepted = 'nobody';
  const asked = readFileSync(count, 'utf8').length;
  assert.equal(findingsIn(await run())[0]?.code, 'api.unauthorized');
  assert.ok(readFileSync(count, 'utf8').length > asked);
});

test('a login command that had no answer once is asked again by the next run', async (t) => {
  const front = await openFront(t, accepting('good'));
  const flag = join(folderOf(front), 'flag');
  const script = `#!/bin/sh\nif [ -e ${flag} ]; then ${good}; else touch ${flag}; ${answerWith({})}; fi\n`;
  const command = write(front, 'login', script, 0o755);
  const path = write(front, 'config', configOf({ server: front.url }, { exec: { ...exec, command } }));
  const drive = await front.drive({ env: { KUBECONFIG: path } });
  await drive.runOne(drive.suite('namespace'));
  assert.ok(existsSync(flag));
  assertGreen(await drive.runOne(drive.suite('namespace')));
});

test('of a list of kubeconfigs the first to say something is right', async (t) => {
  const front = await openFront(t, accepting('good'));
  const first = write(front, 'a', JSON.stringify({ users: [{ name: 'u', user: { token: 'good' } }], clusters: null }));
  const second = write(front, 'b', configOf({ server: front.url }, { token: 'bad' }));
  assertGreen(await runWith(front, `${first}:${second}`));
});

test('UTF-16 with a mark, as PowerShell writes it, is read', async (t) => {
  const front = await openFront(t, accepting('good'));
  const path = join(folderOf(front), 'utf16');
  const text = configOf({ server: front.url }, { token: 'good' });
  writeFileSync(path, Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]));
  assertGreen(await runWith(front, path));
});

for (const [what, text, said] of [
  [
    'names a user that is not there',
    configOf({ server: 'https://127.0.0.1:1' }, {}, { user: 'admn' }),
    /context c names the user admn, which is not there/,
  ],
  [
    'names a cluster that is not there',
    configOf({ server: 'https://127.0.0.1:1' }, {}, { cluster: 'x' }),
    /names the cluster x, which is not there/,
  ],
  ['is empty', '', /is empty, or no kubeconfig/],
  ['has no current context', '{"clusters": []}', /set current-context/],
] as const) {
  test(`a kubeconfig that ${what} is refused with the reason`, async (t) => {
    const front = await openFront(t);
    const drive = await front.drive({ env: { KUBECONFIG: write(front, 'config', text) } });
    await assert.rejects(drive.runOne(drive.suite('namespace')), said);
  });
}

test('a certificate of an unknown authority, or of another name, is errored with what to set', async (t) => {
  const front = await openFront(t);
  const { cluster } = parse(front.sandbox.kubeconfig).clusters[0];
  const user = parse(front.sandbox.kubeconfig).users[0].user;
  const unknown = await runWith(front, write(front, 'ca', configOf({ server: cluster.server }, user)));
  assertOurs(unknown, /authority that signs its certificate is not known here.*certificate-authority-data/);
  const other = configOf({ ...cluster, 'tls-server-name': 'other.example.org' }, user);
  assertOurs(await runWith(front, write(front, 'name', other)), /certificate is of another name: set tls-server-name/);
});

/** A CONNECT proxy that leads every name to this machine, and counts. */
async function openProxy(t: TestContext, port: number) {
  const seen = { connects: 0 };
  const proxy = createServer().on('connect', (_, client, head) => {
    seen.connects++;
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
    t.after(() => upstream.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => proxy.close());
  return Object.assign(seen, { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });
}

test('HTTPS_PROXY leads to the API server, on few connections; NO_PROXY keeps it from it', async (t) => {
  const front = await openFront(t);
  const { clusters, users } = parse(front.sandbox.kubeconfig);
  const { cluster } = clusters[0];
  const proxy = await openProxy(t, Number(new URL(cluster.server).port));
  const beyond = { ...cluster, server: 'https://api.prod.invalid:6443', 'tls-server-name': 'kubernetes.default.svc' };
  const path = write(front, 'config', configOf(beyond, users[0].user));
  const result = await runWith(front, path, { HTTPS_PROXY: proxy.url });
  assertGreen(result);
  assert.ok(proxy.connects > 0 && proxy.connects < result.apiRequests.total, `${proxy.connects}`);
  const none = await runWith(front, path, { HTTPS_PROXY: proxy.url, NO_PROXY: '.invalid' });
  assertOurs(none, /its name is not known here|cannot reach/);
});

test('a proxy that wants a login, or is down, is errored', async (t) => {
  const front = await openFront(t);
  const wantsLogin = createServer().on('connect', (_, socket) =>
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
  );
  await new Promise<void>((resolve) => wantsLogin.listen(0, '127.0.0.1', resolve));
  t.after(() => wantsLogin.close());
  const { port } = wantsLogin.address() as AddressInfo;
  for (const [proxy, said] of [
    [`http://127.0.0.1:${port}`, /answers 407 and wants a login/],
    ['http://127.0.0.1:9', /the proxy http:\/\/127\.0\.0\.1:9 cannot be reached \(ECONNREFUSED\)/],
  ] as const) {
    const text = configOf({ server: 'https://api.other.invalid:6443', 'proxy-url': proxy }, { token: 'x' });
    assertOurs(await runWith(front, write(front, 'config', text)), said);
  }
});
