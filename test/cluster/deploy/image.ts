/** The image of the Dockerfile, run in the cluster as the manifests say. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, fetch } from 'undici';
import type { RunReply } from '../../../runtime/model/result.ts';
import { ImageBuilder, loadIntoNodes, noBuildah } from '../../deploy/image.ts';
import { build, type Manifest, noKubectl, ofKind, only, podTemplate } from '../../deploy/manifests.ts';
import { restrictedViolations } from '../../deploy/pod-security.ts';
import { applyGround, clearGround, inputOf, kubectl } from '../../deploy/stage.ts';
import { patience, suitesWithAgents } from '../drive.ts';
import { type Admin, hurryPods, noCluster, noFaults, openAdmin } from '../kit.ts';

const skip = noCluster || noFaults || noKubectl || noBuildah;
const inOurs = ['-n', 'kube-e2etests'];
/** A connection for each request: one that is kept leads to the pod before. */
const dispatcher = new Agent({ pipelining: 0 });

describe('the image in the cluster', { skip, timeout: 600_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'image-'));
  const builder = new ImageBuilder(folder);
  const name: string = podTemplate(only(build('manifests'), 'Deployment', 'kube-e2etests')).spec.containers[0].image;
  // The other tests of what is shipped go on meanwhile.
  const building = skip ? undefined : builder.build(name, '0.1.0');
  building?.catch(() => undefined);
  let admin: Admin;
  let stopHurrying: () => void;
  let unload: (() => Promise<void>) | undefined;

  before(async () => {
    await building;
    await applyGround();
    admin = openAdmin();
    stopHurrying = hurryPods(admin, 'kube-e2etests-');
    unload = await loadIntoNodes(await builder.archive(name), name);
  });
  after(async () => {
    stopHurrying?.();
    await admin?.close();
    await clearGround();
    await kubectl(['wait', ...inOurs, '--for=delete', 'pods', '--all', '--timeout=180s']).catch(() => undefined);
    await unload?.();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Applies the process of a kustomization and waits until it is ready; where to reach it. */
  async function roll(kustomization: string, change = (manifest: Manifest) => manifest): Promise<string> {
    const manifests = build(kustomization);
    const parts = manifests
      .filter(
        ({ kind, metadata }) =>
          ['Deployment', 'ConfigMap', 'Service'].includes(kind) && metadata.namespace === 'kube-e2etests',
      )
      .map((manifest) => withSettings(manifest, name))
      .map(change);
    const before = await processes();
    await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], inputOf(parts));
    await kubectl(['rollout', 'status', ...inOurs, 'deployment/kube-e2etests', '--timeout=180s']);
    // Whoever asked one that is told to end would get an aborted run.
    const gone = ['wait', ...inOurs, '--for=delete', '--timeout=180s'];
    for (const pod of before) await kubectl([...gone, pod]).catch(() => undefined);
    const service = JSON.parse(await kubectl(['get', ...inOurs, 'service', 'kube-e2etests', '-o', 'json']));
    const url = `http://${service.spec.clusterIP}`;
    await reachable(url);
    return url;
  }

  async function processes(): Promise<readonly string[]> {
    const names = await kubectl(['get', 'pods', ...inOurs, '-l', 'app.kubernetes.io/name=kube-e2etests', '-o', 'name']);
    return names.split('\n').filter(Boolean);
  }

  /** A Service answers a moment after its pod is ready. */
  async function reachable(url: string): Promise<void> {
    for (let tries = 0; ; tries++) {
      const reply = await fetch(`${url}/readyz`, { dispatcher, signal: AbortSignal.timeout(2_000) }).catch(
        () => undefined,
      );
      if (reply?.ok) return;
      assert.ok(tries < 100, `${url} does not answer`);
      await pause(100);
    }
  }

  /** Right after a roll the process before may still answer (503) or hold a lock (409): not a verdict. */
  async function runSuite(url: string, suite: string): Promise<RunReply> {
    const signal = AbortSignal.timeout(240_000);
    for (;;) {
      const reply = await fetch(`${url}/run/${suite}`, { method: 'POST', dispatcher, signal });
      const body = (await reply.json()) as RunReply;
      if (![409, 503].includes(reply.status) || body.status) return body;
      await pause(500, undefined, { signal });
    }
  }

  /** A request lost to a pod that this test took away by force is not what is asked here. */
  async function runWithSecondTry(url: string, suite: string): Promise<RunReply> {
    const first = await runSuite(url, suite);
    return first.status === 'failed' ? runSuite(url, suite) : first;
  }

  test('holds Node, its libraries and the bundle, and nothing else', async (t) => {
    const files = await builder.files(name);
    const app = [...files].filter(([path]) => path.startsWith('app/'));
    const others = [...files.keys()].filter((path) => !path.startsWith('app/') && path !== 'usr/local/bin/node');
    const bytes = app.reduce((sum, [, size]) => sum + size, 0);
    t.diagnostic(
      `application layer: ${(bytes / 1e6).toFixed(2)} MB in ${app.length} files; besides: ${others.join(' ')}`,
    );
    assert.ok(bytes <= 6e6, `${bytes} bytes`);
    for (const path of others) assert.match(path, /\.so(\.\d+)*$|^(etc|run|dev|proc|sys)\//, path);
    assert.ok(!others.some((path) => /(^|\/)(sh|bash|npm|apt|dpkg)$/.test(path)));
  });

  test('runs as a numeric user, says what it is, and looks after its health', async () => {
    const { User, Entrypoint, Cmd, Labels, Healthcheck, ExposedPorts } = await builder.inspect(name);
    assert.equal(User, '65532:65532');
    assert.deepEqual(
      [...Entrypoint, ...Cmd],
      ['/usr/local/bin/node', '--max-semi-space-size=4', '--heap-growing-percent=20', '/app/cli.js', 'serve'],
    );
    assert.equal(Labels['org.opencontainers.image.version'], '0.1.0');
    assert.equal(Labels['org.opencontainers.image.licenses'], 'Apache-2.0');
    assert.equal(Healthcheck.Test[0], 'CMD');
    assert.deepEqual(Object.keys(ExposedPorts), ['8081/tcp']);
  });

  test('passes every suite from inside, with the ServiceAccount of the manifests', async () => {
    const url = await roll('manifests');
    const replies = await Promise.all(suitesWithAgents.map((suite) => runWithSecondTry(url, suite)));
    assert.deepEqual(replies.filter(({ status }) => status !== 'passed').map(said), []);
    assert.equal(replies.length, suitesWithAgents.length);
    const verdict = await fetch(`${url}/health`, { dispatcher, signal: AbortSignal.timeout(10_000) });
    assert.equal(verdict.status, 200);
  });

  test('as any user, with 64 MiB less than its limit, it makes test pods that fit Pod Security restricted where that is asked for', async () => {
    const url = await roll('overlays/restricted', asAnyUserWithLess);
    const [process] = await processes();
    const { spec } = JSON.parse(await kubectl(['get', ...inOurs, process ?? '', '-o', 'json']));
    assert.equal(spec.securityContext.runAsUser, anyUser);
    assert.deepEqual(
      spec.containers.map(
        (one: { securityContext: { readOnlyRootFilesystem: boolean } }) => one.securityContext.readOnlyRootFilesystem,
      ),
      spec.containers.map(() => true),
    );
    const replies = await Promise.all(['http', 'deployment'].map((suite) => runWithSecondTry(url, suite)));
    assert.deepEqual(replies.filter(({ status }) => status !== 'passed').map(said), []);
    const { status } = JSON.parse(await kubectl(['get', ...inOurs, process ?? '', '-o', 'json']));
    assert.deepEqual(
      status.containerStatuses.map(({ restartCount }: { restartCount: number }) => restartCount),
      spec.containers.map(() => 0),
    );
    const { items } = JSON.parse(await kubectl(['get', 'pods', '-n', 'kube-e2etests-http', '-o', 'json']));
    const standing = ofKind(items, 'v1', 'Pod').filter(({ metadata }) => !('deletionTimestamp' in metadata));
    assert.equal(standing.length, 3);
    for (const { spec } of standing) assert.deepEqual(restrictedViolations(spec), []);
  });

  test('ends within its grace when it is told to, with nothing left behind but what is kept', async () => {
    const began = performance.now();
    await kubectl([
      'delete',
      ...inOurs,
      'deployment',
      'kube-e2etests',
      '--cascade=foreground',
      '--wait=true',
      '--timeout=180s',
    ]);
    assert.ok(performance.now() - began < 180_000);
    const { items } = await admin.coordination.listLeaseForAllNamespaces({
      labelSelector: 'app.kubernetes.io/managed-by=kube-e2etests',
    });
    assert.deepEqual(
      items
        .filter(({ metadata }) => metadata?.namespace?.startsWith('kube-e2etests'))
        .map(({ metadata }) => metadata?.name),
      [],
    );
  });
});

const anyUser = 1_000_650_000;
const lessMi = 64;

/** As OpenShift starts it, and with less memory than the manifests give. */
function asAnyUserWithLess(manifest: Manifest): Manifest {
  if (manifest.kind !== 'Deployment' || manifest.metadata.name !== 'kube-e2etests') return manifest;
  const changed = structuredClone(manifest);
  const { spec } = podTemplate(changed);
  spec.securityContext = { ...spec.securityContext, runAsUser: anyUser, runAsGroup: anyUser };
  const [container] = spec.containers;
  const limitMi = Number.parseInt(container.resources.limits.memory, 10);
  container.resources.limits.memory = `${limitMi - lessMi}Mi`;
  return changed;
}

/** The settings' ConfigMap with time for a busy cluster. */
/** The image itself is that of the agents. */
function withSettings(manifest: Manifest, AGENT_IMAGE: string): Manifest {
  const { kind, metadata, data } = manifest;
  if (kind !== 'ConfigMap' || metadata.name.includes('statsd')) return manifest;
  return { ...manifest, data: { ...data, EVENT_TIMEOUT_SECONDS: String(patience), AGENT_IMAGE } };
}

function said({ suite, status, steps }: RunReply): string {
  const findings = (steps ?? []).flatMap((step) =>
    step.findings.map(({ code, message }) => `${step.name}: ${code} ${message}`),
  );
  return `${suite} ${status}: ${findings.join('; ')}`;
}
