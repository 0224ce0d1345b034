/**
 * The bundle of the image: dist/cli.js, a chunk for each suite in dist/functions/, and dist/index.js, the door for suites of FUNCTIONS_DIR.
 * What several of them need is shared, so that a process loads only what it runs.
 */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

const root = import.meta.dirname;

/** What `kube-e2etests manifests` reads of what is written by hand. */
const deployFiles = [
  ...['kustomization', 'deployment', 'service', 'service-account', 'network-policy'].map(
    (name) => `manifests/${name}.yaml`,
  ),
  'manifests/components/statsd-mapping/mapping.yaml',
  ...['kustomization', 'suite-service', 'page', 'late-starts', 'statsd-exporter', 'network-policy'].map(
    (name) => `knative/${name}.yaml`,
  ),
];

if (import.meta.main) await writeProduct(join(root, 'dist'));

/** The whole product, as the image has it. */
export async function writeProduct(outdir: string): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const suites = readdirSync(join(root, 'functions')).filter((file) => file.endsWith('.ts'));
  rmSync(outdir, { recursive: true, force: true });
  const metafile = await writeBundle(outdir, {
    cli: 'runtime/cli/cli.ts',
    index: 'runtime/index.ts',
    'outside-worker': 'runtime/process/outside-worker.ts',
    'history-worker': 'runtime/history-file/history-worker.ts',
    ...Object.fromEntries(suites.map((file) => [`functions/${file.replace(/\.ts$/, '')}`, `functions/${file}`])),
  });
  for (const path of deployFiles) cpSync(join(root, path), join(outdir, 'deploy', path), { recursive: true });
  writeFileSync(join(outdir, 'package.json'), `${JSON.stringify(packageOf(manifest), null, 2)}\n`);
  writeFileSync(join(outdir, 'THIRD-PARTY-LICENSES'), licences(metafile));
  const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
  const size = `${Object.keys(metafile.outputs).length} files, ${(bytes / 1e6).toFixed(1)} MB`;
  process.stdout.write(`${relative(root, outdir)}/: ${size}\n`);
}

/** The product as a package: it needs no other. */
function packageOf({ name, version, description, license, engines }: Record<string, unknown>): object {
  return {
    ...{ name, version, description, license, engines, type: 'module' },
    exports: { '.': { types: './index.d.ts', default: './index.js' }, './package.json': './package.json' },
    bin: { 'kube-e2etests': 'cli.js' },
  };
}

/** Bundles files of the product, with all that they load and the page's own files beside them: needs no node_modules. */
export async function writeBundle(outdir: string, entryPoints: Record<string, string>): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    // Names stay whole: stack traces are readable, and a class says its name.
    minifyWhitespace: true,
    minifySyntax: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    metafile: true,
    legalComments: 'none',
    external: [
      // Optional binary of hot-shots, for unix sockets only.
      'unix-dgram',
      // What Fastify loads for servers that bring no compilers of their own, or that are tested by inject.
      '@fastify/ajv-compiler',
      '@fastify/fast-json-stringify-compiler',
      'light-my-request',
    ],
    plugins: [requireHttp(), dropUnused()],
    // CommonJS dependencies call require.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  // The page's style and script are read at the start, beside the bundle.
  cpSync(join(root, 'runtime/dashboard/client'), join(outdir, 'client'), { recursive: true });
  return metafile;
}

/**
 * node:http by require instead of import: an import reads every export, and so loads what hides behind a lazy one, a whole fetch, at
 * 20 ms of the start.
 */
function requireHttp(): Plugin {
  return {
    name: 'require-http',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
        kind === 'import-statement' ? { path: 'http', namespace: 'node' } : undefined,
      );
      onLoad({ filter: /.*/, namespace: 'node' }, () => ({ contents: "module.exports = require('node:http')" }));
    },
  };
}

/**
 * The Kubernetes client does not say that its modules may be left out where nothing uses them; they may, but for polyfills of browsers.
 * What is left is half, and so are its share of the start and of the memory.
 */
function dropUnused(): Plugin {
  const client = '@kubernetes/client-node';
  return {
    name: 'drop-unused',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^[.@]/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        const isOfClient = path === client || (path.startsWith('.') && importer.includes(`node_modules/${client}/`));
        if (!isOfClient || pluginData === client) return undefined;
        return { ...(await resolve(path, { importer, resolveDir, kind, pluginData: client })), sideEffects: false };
      });
    },
  };
}

/** The licence text of every package of which something is in the bundle. */
function licences(metafile: Metafile): string {
  return packagesOf(metafile)
    .map((path) => {
      const folder = join(root, path);
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file ? readFileSync(join(folder, file), 'utf8').trim() : 'The package carries no licence file.';
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(78)}\n\n`);
}

/** Folders of the packages of which something is in the bundle. */
function packagesOf({ outputs }: Metafile): readonly string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const folders = new Set(
    inputs.flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []),
  );
  return [...folders].sort();
}
