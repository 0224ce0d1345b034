/** A real API server takes every manifest. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { crdFolder, noCrds } from '../../deploy/crds.ts';
import { everything, type Manifest, noKubectl } from '../../deploy/manifests.ts';
import { applyGround, inputOf, kubectl, servedVersions } from '../../deploy/stage.ts';
import { noCluster } from '../kit.ts';

const skip = noCluster || noKubectl || noCrds;

describe('every manifest by server-side dry run', { skip, timeout: 240_000 }, () => {
  const installed: string[] = [];
  before(async () => {
    await applyGround();
    await kubectl(['apply', '-f', '-'], namespaceOf('monitoring'));
    const output = await kubectl(['apply', '--server-side', '-f', crdFolder, '-o', 'name']);
    installed.push(...output.split('\n').filter(Boolean));
    await kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...installed]);
  });
  after(async () => {
    if (installed.length > 0) await kubectl(['delete', '--ignore-not-found', '--wait=false', ...installed]);
    await kubectl(['delete', 'namespace', 'monitoring', '--ignore-not-found', '--wait=false']);
  });

  test('the server takes them all', async () => {
    const served = servedVersions();
    const sent = unique(everything().map(({ manifest }) => forServer(manifest, served)));
    const words = ['apply', '--server-side', '--dry-run=server', '--force-conflicts', '-o', 'name', '-f', '-'];
    const names = (await kubectl(words, inputOf(sent))).split('\n').filter(Boolean);
    assert.equal(names.length, sent.length);
    for (const kind of ['service.serving.knative.dev', 'pingsource.sources.knative.dev', 'certificate.cert-manager.io'])
      assert.ok(
        names.some((name) => name.startsWith(`${kind}/`)),
        kind,
      );
    for (const kind of [
      'prometheusrule.monitoring.coreos.com',
      'servicemonitor.monitoring.coreos.com',
      'cronjob.batch',
    ])
      assert.ok(
        names.some((name) => name.startsWith(`${kind}/`)),
        kind,
      );
  });

  test('a manifest that is wrong is refused', async () => {
    const wrong = everything().find(({ manifest }) => manifest.kind === 'PingSource')!.manifest;
    const planted = { ...wrong, spec: { ...wrong.spec, schedule: 5 } };
    await assert.rejects(
      kubectl(['apply', '--server-side', '--dry-run=server', '--force-conflicts', '-f', '-'], inputOf([planted])),
      /schedule/,
    );
  });
});

function namespaceOf(name: string): string {
  return inputOf([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }]);
}

/** Versions that came after 1.20, as a 1.20 server has them: the fields that we use are the same. */
function forServer(manifest: Manifest, served: ReadonlySet<string>): Manifest {
  const isOlder = { PodDisruptionBudget: 'policy/v1', CronJob: 'batch/v1' }[manifest.kind] === manifest.apiVersion;
  if (!isOlder || (served.has(manifest.apiVersion) && manifest.kind !== 'CronJob')) return manifest;
  const older = `${manifest.apiVersion}beta1`;
  return served.has(older) ? { ...manifest, apiVersion: older } : manifest;
}

/** An object that several variants have alike is sent once. */
function unique(manifests: readonly Manifest[]): readonly Manifest[] {
  return [...new Map(manifests.map((manifest) => [JSON.stringify(manifest), manifest])).values()];
}
