/** The manifests as an operator gets them: built by kubectl kustomize, or read as they are. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import type { KubeManifest } from '../../runtime/manifests/manifest.ts';

export const root = join(import.meta.dirname, '../..');

export type { KubeManifest as Manifest };

/** Why kustomizations cannot be built here; false where they can. */
export const noKubectl: string | false = hasKubectl() ? false : 'SKIPPED: no kubectl with kustomize 5 on the PATH';

export const overlays = [
  'token',
  'headless',
  'statsd-only',
  'restricted',
  'air-gapped',
  'cert-manager',
  'history',
] as const;
/** Every folder that `kubectl apply -k` takes. */
export const kustomizations = ['manifests', 'knative', ...overlays.map((name) => `overlays/${name}`)] as const;
/** What `kubectl apply -f` takes. */
export const plainFiles = [
  'manifests/namespaces.yaml',
  'contrib/frontend.yaml',
  'contrib/monitoring-config.yaml',
  'contrib/prometheus-rule.yaml',
  'contrib/prometheus-slo.yaml',
  'contrib/cronjob.yaml',
  'contrib/blackbox-exporter.yaml',
] as const;

const built = new Map<string, readonly KubeManifest[]>();

export function build(folder: string): readonly KubeManifest[] {
  const known = built.get(folder);
  if (known) return known;
  const text = execFileSync('kubectl', ['kustomize', folder], { cwd: root, encoding: 'utf8', timeout: 30_000 });
  const manifests = documents(text);
  built.set(folder, manifests);
  return manifests;
}

/** What an operator builds from our base and several components, in this order. */
export function combine(components: readonly string[]): readonly KubeManifest[] {
  const folder = mkdtempSync(join(tmpdir(), 'kustomization-'));
  try {
    const manifests = relative(folder, join(root, 'manifests'));
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [manifests],
      components: components.map((name) => `${manifests}/components/${name}`),
    };
    writeFileSync(join(folder, 'kustomization.yaml'), stringify(kustomization));
    return documents(execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', timeout: 30_000 }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function read(file: string): readonly KubeManifest[] {
  return documents(readFileSync(join(root, file), 'utf8'));
}

/** All that there is, built and plain, with where it comes from. */
export function everything(): readonly { from: string; manifest: KubeManifest }[] {
  return [
    ...kustomizations.flatMap((folder) => build(folder).map((manifest) => ({ from: folder, manifest }))),
    ...plainFiles.flatMap((file) => read(file).map((manifest) => ({ from: file, manifest }))),
  ];
}

export function ofKind(manifests: readonly KubeManifest[], apiVersion: string, kind: string): readonly KubeManifest[] {
  return manifests.filter((manifest) => manifest.apiVersion === apiVersion && manifest.kind === kind);
}

export function only(manifests: readonly KubeManifest[], kind: string, name: string): KubeManifest {
  const [found, ...more] = manifests.filter((one) => one.kind === kind && one.metadata.name === name);
  if (!found || more.length > 0) throw new Error(`expected one ${kind}/${name}, found ${found ? more.length + 1 : 0}`);
  return found;
}

/** The pod template of a workload: Deployment, CronJob, Knative Service. */
export function podTemplate(manifest: KubeManifest): KubeManifest['spec'] | undefined {
  return manifest.spec?.jobTemplate?.spec?.template ?? manifest.spec?.template;
}

function documents(text: string): readonly KubeManifest[] {
  return parseAllDocuments(text)
    .map((document) => {
      if (document.errors[0]) throw document.errors[0];
      return document.toJS();
    })
    .filter(Boolean);
}

function hasKubectl(): boolean {
  try {
    const version = execFileSync('kubectl', ['version', '--client', '-o', 'json'], {
      encoding: 'utf8',
      timeout: 10_000,
    });
    return /"kustomizeVersion": "v[5-9]/.test(version);
  } catch {
    return false;
  }
}
