/** The files of manifests/ and knative/ that are written by hand, as a checkout or the bundle has them. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import { defaultHome, type KubeManifest } from './manifest.ts';

/** In the bundle beside this file (build.ts puts them there), two folders up in the checkout. */
const folder = ['./deploy/', '../../'].find((path) => existsSync(here(`${path}manifests/deployment.yaml`))) ?? '../../';

export function textByHand(path: string): string {
  return readFileSync(here(`${folder}${path}`), 'utf8');
}

/** With everything that lies in our namespace in `home` instead. */
export function manifestsByHand(path: string, home: string): readonly KubeManifest[] {
  return parseAllDocuments(textByHand(path)).map((document) => movedTo(home, document.toJS() as KubeManifest));
}

/** A JSON patch. */
export function patchByHand(path: string, home: string): readonly object[] {
  return movedTo(home, parse(textByHand(path)) as readonly object[]);
}

interface Kustomization {
  readonly images: readonly {
    readonly name: string;
    readonly newName: string;
    readonly newTag?: string;
    readonly digest?: string;
  }[];
  readonly configMapGenerator: readonly { readonly literals: readonly string[] }[];
}

/** The settings that a kustomization gives the process. */
export function settingsByHand(path: string): Readonly<Record<string, string>> {
  const { configMapGenerator } = parse(textByHand(path)) as Kustomization;
  const literals = configMapGenerator.flatMap((one) => one.literals);
  return Object.fromEntries(literals.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]));
}

/** Short name → the image that a kustomization puts in its place. */
export function imagesByHand(path: string): ReadonlyMap<string, string> {
  const { images } = parse(textByHand(path)) as Kustomization;
  return new Map(
    images.map(({ name, newName, newTag, digest }) => [name, digest ? `${newName}@${digest}` : `${newName}:${newTag}`]),
  );
}

/** Where a value is the name of our namespace, or an address in it. */
function movedTo<T>(home: string, value: T): T {
  if (home === defaultHome) return value;
  const moved = (one: unknown, key?: string): unknown => {
    if (typeof one === 'string')
      return key === 'namespace' && one === defaultHome ? home : one.replace(`.${defaultHome}.svc`, `.${home}.svc`);
    if (Array.isArray(one)) return one.map((item) => moved(item));
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, moved(inner, name)]));
  };
  return moved(value) as T;
}

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
