/**
 * The bundle of the image: dist/cli.js, a chunk for each suite in dist/functions/, and dist/index.js, the door for suites of FUNCTIONS_DIR.
 * What several of them need is shared, so that a process loads only what it runs.
 */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

const outdir = 'dist';
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { name: string; version: string; license: string };
const suites = readdirSync('functions').filter((file) => file.endsWith('.ts'));

rmSync(outdir, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: {
    cli: 'runtime/cli.ts',
    index: 'runtime/index.ts',
    ...Object.fromEntries(suites.map((file) => [`functions/${file.replace(/\.ts$/, '')}`, `functions/${file}`])),
  },
  outdir,
  bundle: true,
  splitting: true,
  minify: true,
  keepNames: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  metafile: true,
  legalComments: 'none',
  // Optional binary of hot-shots, for unix sockets only.
  external: ['unix-dgram'],
  // CommonJS dependencies call require.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
});

// The page's style and script are read at the start, beside the bundle.
cpSync('runtime/dashboard/client', join(outdir, 'client'), { recursive: true });

const { name, version, license } = manifest;
writeFileSync(join(outdir, 'package.json'), `${JSON.stringify({ name, version, license, type: 'module' })}\n`);
writeFileSync(join(outdir, 'THIRD-PARTY-LICENSES'), licences(metafile));
const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
process.stdout.write(`${outdir}/: ${Object.keys(metafile.outputs).length} files, ${(bytes / 1e6).toFixed(1)} MB\n`);

/** The licence text of every package of which something is in the bundle. */
function licences({ outputs }: Metafile): string {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const folders = new Set(
    inputs.flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []),
  );
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file ? readFileSync(join(folder, file), 'utf8').trim() : 'The package carries no licence file.';
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(78)}\n\n`);
}
