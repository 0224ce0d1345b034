/**
 * The product as it ships: bundled, in a folder where no node_modules can be found. What only the sources' packages bring is missed here as it
 * would be in the image.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeBundle, writeProduct } from '../../build.ts';

/** Removed when the process ends. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'built-'));
  process.once('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

const outdir = folder();
await writeBundle(outdir, { door: 'test/built/door.ts' });

export const product = (await import(pathToFileURL(join(outdir, 'door.js')).href)) as typeof import('./door.ts');

/** NODE_COMPILE_CACHE for processes that start the built product again and again. */
export const compileCache = folder();

let built: Promise<string> | undefined;

/** The path of the bundled command line; built at the first call. */
export function builtCli(): Promise<string> {
  built ??= (async () => {
    const path = folder();
    await writeProduct(path);
    return join(path, 'cli.js');
  })();
  return built;
}
