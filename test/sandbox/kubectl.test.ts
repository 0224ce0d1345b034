import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { deployment, service, startBench } from './kit.ts';

const there = spawnSync('kubectl', ['version', '--client']).status === 0;
const skip = there ? false : 'NOT TESTED: there is no kubectl on the PATH';
if (skip) console.warn(skip);

interface Outcome {
  code: number;
  out: string;
  err: string;
}

type Kubectl = (command: string, input?: string) => Promise<Outcome>;

/** `kubectl("get pods")` in namespace t of a sandbox of its own. Arguments hold no spaces. */
async function startKubectl(t: TestContext): Promise<Kubectl> {
  const { sandbox } = await startBench(t);
  const cache = await mkdtemp(join(tmpdir(), 'kubectl-test-'));
  t.after(() => rm(cache, { recursive: true, force: true }));
  const kubectl: Kubectl = (command, input) =>
    new Promise((resolve) => {
      const argv = ['--kubeconfig', sandbox.kubeconfigPath, '--cache-dir', cache, '-n', 't', ...command.split(' ')];
      const child = execFile('kubectl', argv, { timeout: 20_000 }, (error, out, err) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, out, err });
      });
      child.stdin?.end(input);
    });
  await kubectl('create namespace t');
  return kubectl;
}

const ok = async (outcome: Promise<Outcome>): Promise<string> => {
  const { code, out, err } = await outcome;
  assert.equal(code, 0, err);
  return out;
};

const manifest = (image = 'nginx:1.28-alpine') =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { 'index.html': 'hello\n' } },
      deployment('web', {}, image),
      service(),
    ],
  });

test('discovers what there is and says what there is not', { skip }, async (t) => {
  const kubectl = await startKubectl(t);
  const resources = await ok(kubectl('api-resources'));
  assert.match(resources, /^deployments +deploy +apps\/v1 +true +Deployment$/m);
  assert.match(await ok(kubectl('api-versions')), /^discovery\.k8s\.io\/v1$/m);
  assert.match(await ok(kubectl('version')), /Server Version: v1\.37/);
  const missing = await kubectl('get replicationcontrollers');
  assert.equal(missing.err, `error: the server doesn't have a resource type "replicationcontrollers"\n`);
  assert.equal((await kubectl('get pod nope')).err, 'Error from server (NotFound): pods "nope" not found\n');
});

test('applies, shows, updates, undoes, scales and deletes', { skip }, async (t) => {
  const kubectl = await startKubectl(t);
  assert.equal(
    await ok(kubectl('apply -f -', manifest())),
    'configmap/web created\ndeployment.apps/web created\nservice/web created\n',
  );
  assert.match(await ok(kubectl('rollout status deployment/web')), /successfully rolled out\n$/);
  assert.equal((await ok(kubectl('get pods -o name'))).trim().split('\n').length, 3);
  assert.match(await ok(kubectl('get all')), /^deployment\.apps\/web +3\/3 +3 +3 /m);
  assert.match(await ok(kubectl('get pods -o wide --show-labels')), /Running +0 +\d+s +10\.244\.\d\.\d+ +node\d/);

  assert.equal(
    await ok(kubectl('apply -f -', manifest('nginx:1.29-alpine'))),
    'configmap/web unchanged\ndeployment.apps/web configured\nservice/web unchanged\n',
  );
  await ok(kubectl('rollout status deployment/web'));
  assert.match(await ok(kubectl('rollout history deployment/web')), /^1 +<none>\n2 +<none>$/m);
  await ok(kubectl('rollout undo deployment/web'));
  await ok(kubectl('rollout status deployment/web'));
  assert.equal(
    await ok(kubectl('get deployment web -o jsonpath={.spec.template.spec.containers[0].image}')),
    'nginx:1.28-alpine',
  );
  await ok(kubectl('scale deployment/web --replicas 1'));
  await ok(kubectl('wait --for=jsonpath={.status.replicas}=1 deployment/web --timeout 10s'));
  await ok(kubectl('delete deployment/web'));
  await ok(kubectl('wait --for=delete pod --all --timeout 10s'));
  await ok(kubectl('delete namespace t'));
  assert.match((await kubectl('get namespace t')).err, /\(NotFound\)/);
});

test('applies on the server, with conflicts', { skip }, async (t) => {
  const kubectl = await startKubectl(t);
  await ok(kubectl('apply --server-side -f -', manifest()));
  const { code, err } = await kubectl('apply --server-side --field-manager other -f -', manifest('nginx:1.29-alpine'));
  assert.equal(code, 1);
  assert.match(err, /conflict with "kubectl": \.spec\.template\.spec\.containers\[name="nginx"\]\.image/);
  await ok(kubectl('apply --server-side --field-manager other --force-conflicts -f -', manifest('nginx:1.29-alpine')));
  await ok(kubectl('rollout status deployment/web'));
  assert.match(await ok(kubectl('diff --server-side -f -', manifest('nginx:1.29-alpine'))), /^$/);
});

test('describes everything our suites make', { skip }, async (t) => {
  const kubectl = await startKubectl(t);
  await ok(kubectl('apply -f -', manifest()));
  await ok(kubectl('rollout status deployment/web'));
  assert.match(await ok(kubectl('describe deployment web')), /Available +True +MinimumReplicasAvailable/);
  assert.match(await ok(kubectl('describe pods')), /Normal +Started .*Started container nginx/);
  assert.match(await ok(kubectl('describe service web')), /Endpoints: +10\.244\./);
  assert.match(await ok(kubectl('describe node node1')), /Non-terminated Pods: +\(1 in total\)/);
  assert.match(await ok(kubectl('describe namespace t')), /Status: +Active/);
  assert.match(await ok(kubectl('describe configmap web')), /hello/);
  assert.match(await ok(kubectl('logs -l app=web --tail 1')), /nginx\/1\.28/);
  assert.match(await ok(kubectl('events')), /SuccessfulCreate/);
});

test('creates by its own commands and says what a user may', { skip }, async (t) => {
  const kubectl = await startKubectl(t);
  await ok(kubectl('create configmap a --from-literal=k=v'));
  assert.equal(await ok(kubectl('get configmap a -o jsonpath={.data.k}')), 'v');
  await ok(kubectl('create secret generic s --from-literal=k=v'));
  await ok(kubectl('create quota q --hard=pods=5'));
  await ok(kubectl('create deployment d --image nginx:1.28-alpine --replicas 2 --port 80'));
  await ok(kubectl('expose deployment d'));
  await ok(kubectl('run p --image nginx:1.29-alpine'));
  await ok(kubectl('wait --for=condition=Ready pod --all --timeout 10s'));
  assert.match(await ok(kubectl('describe quota q')), /^pods +3 +5$/m);
  assert.equal(await ok(kubectl('auth can-i create deployments')), 'yes\n');
  await ok(kubectl('label pod p tier=x'));
  await ok(kubectl('annotate pod p note=y'));
  await ok(kubectl('set image deployment/d nginx=nginx:1.29-alpine'));
  await ok(kubectl('delete pod p --grace-period 0 --force'));
  assert.match((await kubectl('create configmap a')).err, /\(AlreadyExists\)|already exists/);
});
