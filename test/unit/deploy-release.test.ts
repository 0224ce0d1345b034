/** What a release hands out. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { ourImage, withImage } from '../../release-image.ts';
import { noKubectl, root } from '../deploy/manifests.ts';

const noGit =
  spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root }).status === 0 ? false : 'SKIPPED: not in a git checkout';
const noUnzip = spawnSync('unzip', ['-v']).status === 0 ? false : 'SKIPPED: no unzip on the PATH';
const skip = noGit || noUnzip || noKubectl;

/** A release of a clone, unpacked. */
function release(t: TestContext, ...words: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'release-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const clone = join(folder, 'clone');
  execFileSync('git', ['clone', '--quiet', '--local', root, clone]);
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
  const { status, stderr } = spawnSync(process.execPath, ['release.ts', ...words], { cwd: clone, encoding: 'utf8' });
  if (status !== 0) return { status, stderr, files: [] as string[], unpacked: '', tarball: '' };
  const files = readdirSync(join(clone, 'dist-release')).sort();
  const zip = files.find((name) => name.endsWith('.zip'))!;
  execFileSync('unzip', ['-q', join(clone, 'dist-release', zip), '-d', folder]);
  const tarball = join(clone, 'dist-release', files.find((file) => file.endsWith('.tgz'))!);
  return { status, stderr, files, unpacked: join(folder, zip.replace('-manifests.zip', '')), tarball };
}

/** Installed beside suites of somebody else, strictly checked there with whatever the types hold themselves; and its program runs. */
function suitesHaveTypesFrom(t: TestContext, tarball: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'suites-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const install = ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball];
  execFileSync('npm', install, { cwd: folder, encoding: 'utf8' });
  assert.deepEqual(
    readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.')),
    ['kube-e2etests'],
  );
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')) ?? [];
  const pages = example.replace("'../runtime/index.ts'", "'kube-e2etests'");
  writeFileSync(join(folder, 'pages.ts'), pages);
  writeFileSync(join(folder, 'wrong_step.ts'), pages.replace("t.step('Delete ConfigMap'", "t.step('Delete Config'"));
  writeFileSync(join(folder, 'wrong_kind.ts'), pages.replace('makes(configMap)', "makes(configMap, 'scale')"));
  const compilerOptions = { strict: true, module: 'nodenext', target: 'es2024', noEmit: true, skipLibCheck: false };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' });
  const wrong = [...stdout.matchAll(/^(\S+)\(\d+,\d+\): error/gm)].map(([, file = '']) => file.split('/').at(-1));
  assert.deepEqual([...new Set(wrong)].sort(), ['wrong_kind.ts', 'wrong_step.ts'], stdout);

  rmSync(join(folder, 'wrong_step.ts'));
  rmSync(join(folder, 'wrong_kind.ts'));
  const env = { PATH: process.env.PATH, FUNCTIONS_DIR: folder };
  const program = join(folder, 'node_modules/kube-e2etests/cli.js');
  assert.match(execFileSync(process.execPath, [program, 'list'], { env, encoding: 'utf8' }), /^pages +Creates a/m);
}

test('a release is a zip whose every variant has the tag, an SBOM of what is in the image, and a package', {
  skip,
}, (t) => {
  const { files, unpacked, tarball } = release(t, 'v9.8.7', 'registry.example.com/e2e/kube-e2etests');
  assert.deepEqual(files, [
    'kube-e2etests-v9.8.7-manifests.zip',
    'kube-e2etests-v9.8.7.cdx.json',
    'kube-e2etests-v9.8.7.tgz',
  ]);
  suitesHaveTypesFrom(t, tarball);
  for (const folder of ['manifests', 'knative', 'overlays/restricted']) {
    const built = execFileSync('kubectl', ['kustomize', join(unpacked, folder)], { encoding: 'utf8' });
    const images = new Set(
      built.match(/image: .*kube-e2etests:.*/g)?.map((line) => line.replace('image: ', '').trim()),
    );
    assert.deepEqual([...images], ['registry.example.com/e2e/kube-e2etests:v9.8.7'], folder);
  }
  const airGapped = execFileSync('kubectl', ['kustomize', join(unpacked, 'overlays/air-gapped')], { encoding: 'utf8' });
  assert.match(airGapped, /image: registry\.example\.com:5000\/kube-e2etests:v9\.8\.7/);
  const sbom = JSON.parse(readFileSync(join(unpacked, 'kube-e2etests-v9.8.7.cdx.json'), 'utf8'));
  const names = sbom.components.map(({ name }: { name: string }) => name);
  for (const name of ['node', 'fastify', 'undici', 'yaml', 'semver']) assert.ok(names.includes(name), name);
  assert.ok(!names.includes('typescript'));
  assert.equal(sbom.metadata.component.version, 'v9.8.7');
});

test('with the digest of the image a kustomization names that image and no other', () => {
  const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
  const image = 'registry.example.com/e2e/kube-e2etests';
  for (const folder of ['manifests', 'knative']) {
    const before = readFileSync(join(root, folder, 'kustomization.yaml'), 'utf8');
    const { images } = parse(withImage(before, { tag: 'v9.8.7', image, digest }) ?? '');
    const others = parse(before).images.filter(({ newName }: { newName: string }) => newName !== ourImage);
    const ours = images.filter(({ newName }: { newName: string }) => newName === image);
    assert.deepEqual(
      ours.map(({ newTag, digest: named }: Record<string, string>) => [newTag, named]),
      [[undefined, digest]],
    );
    assert.deepEqual(
      images.filter((one: object) => !ours.includes(one)),
      others,
    );
    assert.equal(withImage(before.replaceAll(ourImage, 'elsewhere/x'), { tag: 'v9.8.7' }), undefined);
  }
});

test('a tag or a digest that is none is refused', { skip: noGit }, () => {
  const refusal = (...words: string[]) =>
    spawnSync(process.execPath, ['release.ts', ...words], { cwd: root, encoding: 'utf8' });
  for (const [words, why] of [
    [['v1 2'], /no image tag/],
    [['v1', 'registry.example.com/e2e', 'sha256:12'], /no digest: sha256: and 64 hexadecimal digits/],
  ] as const) {
    const { status, stderr } = refusal(...words);
    assert.equal(status, 2);
    assert.match(stderr, why);
  }
});

test('the Node of the Dockerfile is the one that the tests run on', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const [, version] = /^ARG NODE_IMAGE=.*node:([\d.]+)-/m.exec(dockerfile) ?? [];
  assert.equal(version, lock.packages['node_modules/node'].version);
});
