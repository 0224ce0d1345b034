/**
 * The files of a release, in dist-release/: a zip of manifests/, overlays/, knative/ and contrib/ with the image's tag set, the SBOM, alone
 * and in the zip, and the package: what the image has, with the types of the door.
 *
 *     npm run release -- [tag, default v<version>] [image, default that of the manifests] [digest, sha256:…]
 *
 * With the digest of the image that was tested and pushed, the manifests name that image and no other; without one they name its tag.
 */
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ourImage, withImage, withName } from './release-image.ts';
import { writeTypes } from './types.ts';

const { name, version } = JSON.parse(readFileSync('package.json', 'utf8')) as { name: string; version: string };
const [tag = `v${version}`, image, digest] = process.argv.slice(2);
if (!/^[\w][\w.-]{0,127}$/.test(tag))
  fail(`${tag} is no image tag: letters, digits, dots, dashes and underscores, such as v${version}`);
if (image !== undefined && !/^[a-z0-9][\w.:/-]*$/.test(image))
  fail(`${image} is no image name, such as registry.example.com/${name}`);

if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest))
  fail(`${digest} is no digest: sha256: and 64 hexadecimal digits, as buildah push --digestfile or docker push say it`);

const outdir = 'dist-release';
const folders = ['manifests', 'overlays', 'knative', 'contrib'];
/** Where the image has its tag. */
const tagged = ['manifests/kustomization.yaml', 'knative/kustomization.yaml'];
const renamed = 'manifests/components/air-gapped/kustomization.yaml';

rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir);
const work = mkdtempSync(join(tmpdir(), 'release-'));
const sbom = join(outdir, `${name}-${tag}.cdx.json`);
writeFileSync(sbom, JSON.stringify(billOfMaterials(), null, 2));
const zip = join(outdir, `${name}-${tag}-manifests.zip`);
const prefix = `${name}-${tag}`;
const changed = [...tagged, ...(image ? [renamed] : [])];
execFileSync('git', [
  'archive',
  '--format=zip',
  `--output=${zip}`,
  ...changed.flatMap((file) => [`--prefix=${prefix}/${dirname(file)}/`, `--add-file=${withTag(file)}`]),
  `--prefix=${prefix}/`,
  `--add-file=${sbom}`,
  'HEAD',
  '--',
  ...folders,
  'TROUBLESHOOTING.md',
  'LICENSE',
  ...changed.map((file) => `:(exclude)${file}`),
]);
const tarball = packed();
rmSync(work, { recursive: true });
process.stdout.write(`${zip}\n${sbom}\n${tarball}\n`);

/** CycloneDX of what is in the image: Node, and the packages that the bundle's THIRD-PARTY-LICENSES names. npm lists all that are installed. */
function billOfMaterials(): object {
  execFileSync(process.execPath, ['build.ts'], output());
  const licences = readFileSync('dist/THIRD-PARTY-LICENSES', 'utf8');
  const bundled = new Set([...licences.matchAll(/^(\S+) (\d\S*) \(.*\)$/gm)].map(([, pkg, is]) => `${pkg}@${is}`));
  const all = JSON.parse(execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], output()));
  const isIn = ({ name: pkg, version: is }: { name: string; version: string }) => bundled.has(`${pkg}@${is}`);
  const node = {
    type: 'platform',
    name: 'node',
    version: process.versions.node,
    purl: `pkg:generic/node@${process.versions.node}`,
  };
  const components = [node, ...all.components.filter(isIn)];
  const refs = new Set(components.map((component) => component['bom-ref']));
  return {
    ...all,
    metadata: { ...all.metadata, component: { ...all.metadata.component, version: tag } },
    components,
    dependencies: (all.dependencies as { ref: string; dependsOn: string[] }[])
      .filter(({ ref }) => refs.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) })),
  };
}

/** dist/, which the bill of materials has built, as npm installs it: it needs no other package. */
function packed(): string {
  writeTypes('dist');
  execFileSync('npm', ['pack', './dist', '--ignore-scripts', '--pack-destination', outdir], output());
  const named = join(outdir, `${name}-${tag}.tgz`);
  renameSync(join(outdir, `${name}-${version}.tgz`), named);
  return named;
}

/** A copy of the kustomization with the release's image. */
function withTag(file: string): string {
  const before = execFileSync('git', ['show', `HEAD:${file}`], output());
  const text = file === renamed ? withName(before, image ?? ourImage) : withImage(before, { tag, image, digest });
  if (text === undefined) fail(`${file} names no image of ours`);
  const copy = join(work, file);
  mkdirSync(dirname(copy), { recursive: true });
  writeFileSync(copy, text);
  return copy;
}

function output(): ExecFileSyncOptionsWithStringEncoding {
  return { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'inherit'] };
}

function fail(why: string): never {
  process.stderr.write(`release: ${why}\n`);
  process.exit(2);
}
