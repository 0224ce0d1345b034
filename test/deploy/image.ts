/** The image, built from the Dockerfile without a registry, and loaded into the nodes of the test cluster. */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './manifests.ts';

const run = promisify(execFile);

export const noBuildah: string | false =
  process.getuid?.() !== 0
    ? 'SKIPPED: images are built and loaded by root only'
    : spawnSync('buildah', ['--version']).status === 0
      ? false
      : "SKIPPED: no buildah on the PATH; it is in Debian's package buildah";

/** Builds in a folder of its own, which the caller deletes afterwards. */
export class ImageBuilder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The Dockerfile as it is, on bases made of this machine's own Node and libraries. */
  async build(name: string, version: string): Promise<void> {
    await this.#stage('node-local', (to) => nodeRoot(to));
    await this.#stage('base-local', (to) => libraries(to));
    const secret = join(this.#folder, 'npmrc');
    writeFileSync(secret, npmrc());
    await this.#buildah(
      ['bud', '--isolation', 'chroot', '--format', 'docker', '--secret', `id=npmrc,src=${secret}`, '-t', name],
      ['NODE_IMAGE=localhost/node-local', 'BASE=localhost/base-local', `VERSION=${version}`, 'REVISION=test'],
      root,
    );
  }

  /** The image's configuration, as the Dockerfile made it. */
  async inspect(name: string): Promise<ImageConfig> {
    const { stdout } = await this.#run(['inspect', '--type', 'image', name]);
    return JSON.parse(stdout).Docker.config;
  }

  /** Every file of the image: path → bytes. */
  async files(name: string): Promise<ReadonlyMap<string, number>> {
    const container = (await this.#run(['from', '--pull-never', name])).stdout.trim();
    const folder = (await this.#run(['mount', container])).stdout.trim();
    const { stdout } = await run('find', [folder, '-type', 'f', '-printf', '%s %P\n'], { maxBuffer: 16 * 1024 * 1024 });
    await this.#run(['rm', container]);
    const lines = stdout.split('\n').filter(Boolean);
    return new Map(lines.map((line) => [line.slice(line.indexOf(' ') + 1), Number.parseInt(line, 10)]));
  }

  async archive(name: string): Promise<string> {
    const file = join(this.#folder, 'image.tar');
    await this.#run(['push', name, `docker-archive:${file}:${name}`]);
    return file;
  }

  async #stage(name: string, fill: (to: string) => void): Promise<void> {
    const context = join(this.#folder, name);
    fill(join(context, 'root'));
    writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY root /\nENV PATH=/usr/local/bin:/usr/bin:/bin\n');
    await this.#buildah(['bud', '--isolation', 'chroot', '-t', `localhost/${name}`], [], context);
  }

  #buildah(words: readonly string[], args: readonly string[], context: string) {
    return this.#run([...words, ...args.flatMap((arg) => ['--build-arg', arg]), context]);
  }

  #run(words: readonly string[]) {
    const store = [
      '--storage-driver',
      'vfs',
      '--root',
      join(this.#folder, 'store'),
      '--runroot',
      join(this.#folder, 'run'),
    ];
    const [command = '', ...rest] = words;
    return run('buildah', [...store, command, ...rest], { timeout: 240_000, maxBuffer: 16 * 1024 * 1024 });
  }
}

export interface ImageConfig {
  readonly User: string;
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
  readonly ExposedPorts: Readonly<Record<string, object>>;
}

/** Loads the archive into every node of the kit's cluster; returns what takes the image away again. */
export async function loadIntoNodes(archive: string, name: string): Promise<() => Promise<void>> {
  const pids = join(dirname(process.env.KUBECONFIG ?? ''), 'run');
  const nodes = readdirSync(pids).filter((file) => /^node\d+\.pid$/.test(file));
  if (nodes.length === 0) throw new Error(`no nodes of the test cluster in ${pids}`);
  const ctr = (file: string, words: readonly string[]) => {
    const [pid = ''] = readFileSync(join(pids, file), 'utf8').split(' ');
    const inside = [
      '--target',
      pid,
      '--net',
      '--mount',
      '--uts',
      '--',
      besideContainerd(pids),
      '-n',
      'k8s.io',
      ...words,
    ];
    return run('nsenter', inside, { timeout: 120_000 });
  };
  await Promise.all(nodes.map((node) => ctr(node, ['images', 'import', archive])));
  return async () => {
    await Promise.all(nodes.map((node) => ctr(node, ['images', 'rm', name])));
  };
}

/** The ctr that came with the nodes' containerd, else the system's. */
function besideContainerd(pids: string): string {
  const [pid = ''] = readFileSync(join(pids, 'containerd-node1.pid'), 'utf8').split(' ');
  const own = join(dirname(readlinkSync(`/proc/${pid}/exe`)), 'ctr');
  return existsSync(own) ? own : 'ctr';
}

/** In the place of the Node image: Node, npm and a shell. */
function nodeRoot(to: string): void {
  for (const folder of ['tmp', 'etc', 'root', 'usr/local/lib/node_modules'])
    mkdirSync(join(to, folder), { recursive: true });
  chmodSync(join(to, 'tmp'), 0o1777);
  writeFileSync(join(to, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  addProgram(to, process.execPath, 'usr/local/bin/node');
  addProgram(to, '/bin/sh', 'bin/sh');
  addProgram(to, '/usr/bin/env', 'usr/bin/env');
  // Whoever's npm is called: of its command, not of a prefix that depends on whose Node runs it.
  const command = execFileSync('/bin/sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
  const npm = join(dirname(realpathSync(command)), '..');
  cpSync(npm, join(to, 'usr/local/lib/node_modules/npm'), { recursive: true, dereference: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(to, 'usr/local/bin/npm'));
  const authority = npmSetting('cafile');
  if (authority) addFile(to, authority);
}

/** In the place of the base: what Node is linked with, and no program. */
function libraries(to: string): void {
  mkdirSync(join(to, 'tmp'), { recursive: true });
  chmodSync(join(to, 'tmp'), 0o1777);
  for (const library of linkedWith(process.execPath)) addFile(to, library);
}

function addProgram(to: string, program: string, as: string): void {
  addFile(to, program, as);
  for (const library of linkedWith(program)) addFile(to, library);
}

function addFile(to: string, file: string, as = file): void {
  mkdirSync(dirname(join(to, as)), { recursive: true });
  copyFileSync(file, join(to, as));
}

function linkedWith(program: string): readonly string[] {
  return execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/\S+(?= \()/g) ?? [];
}

/** How this machine reaches its registry. */
function npmrc(): string {
  const lines = ['registry', 'cafile'].map((key) => [key, npmSetting(key)] as const);
  return lines.flatMap(([key, value]) => (value ? [`${key}=${value}\n`] : [])).join('');
}

function npmSetting(key: string): string {
  const value = execFileSync('npm', ['config', 'get', key], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
  return value === 'null' || value === 'undefined' ? '' : value;
}
