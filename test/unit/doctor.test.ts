import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { startSandbox } from '../../sandbox/index.ts';
import { builtCli, compileCache } from '../built/index.ts';

const builtFile = await builtCli();
const sandbox = await startSandbox();
after(() => sandbox.close());

async function doctor(args: readonly string[], extra: Record<string, string> = {}) {
  const env = {
    PATH: process.env.PATH,
    NODE_COMPILE_CACHE: compileCache,
    KUBECONFIG: sandbox.kubeconfigPath,
    ...extra,
  };
  const child = spawn(process.execPath, [builtFile, 'doctor', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { stdout, stderr, code };
}

test('namespaces that are not there are named, with what makes them', async () => {
  const { stdout, code } = await doctor(['dns', 'http', 'job']);
  assert.equal(code, 2);
  assert.match(stdout, /^Looking at .*, Kubernetes v1\.\S+; nothing is written to it\n/);
  assert.match(stdout, /^dns {3}ready$/m);
  assert.match(stdout, /^http {2}missing: namespace kubee2etests-http does not exist$/m);
  assert.match(stdout, /^3 suites: 1 ready, 2 with something missing$/m);
  assert.match(stdout, /^ {2}kube-e2etests manifests --suites http,job \| kubectl apply -f -$/m);
});

test('who may make namespaces needs none; rights that are missing are named by verb and resource', async (t) => {
  const settings = { CREATE_NAMESPACES: 'true' };
  const well = await doctor(['http', 'service'], settings);
  assert.equal(well.code, 0, well.stdout);
  sandbox.faults.set('forbidden', { on: true, verb: '*', resource: 'services', namespace: '*' });
  t.after(() => sandbox.faults.set('forbidden', { on: false }));
  const { stdout, code } = await doctor(['--json', 'service', 'namespace', 'job'], settings);
  assert.equal(code, 2);
  const [service, namespace, job] = JSON.parse(stdout);
  assert.deepEqual([service.suite, service.namespace, service.state], ['service', 'kubee2etests-service', 'missing']);
  assert.match(service.reasons.join('\n'), /^may not (\w+, )*create(, \w+)* services$/m);
  assert.deepEqual([namespace.reasons, job.state], [['may not list services'], 'ready']);
});

test('nothing is written: the sandbox has no namespace of ours afterwards', async () => {
  await doctor([], { CREATE_NAMESPACES: 'true' });
  const { stdout } = await doctor(['--json', 'http']);
  assert.deepEqual(JSON.parse(stdout)[0].reasons, ['namespace kubee2etests-http does not exist']);
});

test('a server that does not answer, and suites that there are not, are said in a line', async () => {
  const away = await doctor(['http'], { KUBECONFIG: 'test/fixtures/kubeconfig.yaml' });
  assert.equal(away.code, 2);
  assert.match(away.stderr, /^kube-e2etests: .*cannot reach https:\/\/127\.0\.0\.1:1/);
  assert.match((await doctor(['htp'])).stderr, /htp.*perhaps http/);
  const nobody = await doctor(['http', '!http']);
  assert.deepEqual([nobody.code, nobody.stdout], [2, '']);
  assert.match(nobody.stderr, /leaves no suite/);
});
