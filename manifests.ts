/** Writes the generated files of manifests/ and knative/ from what the suites declare; takes away those that nothing stands for any more. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles } from './runtime/manifests/folders.ts';
import { loadSuites } from './runtime/run/registry.ts';

const suites = await loadSuites({ settings: { replicas: 3, dnsQueryName: 'kubernetes.default' }, group: 'all' });
const files = generatedFiles(suites);
const components = 'manifests/components';
for (const name of readdirSync(join(import.meta.dirname, components)).filter((folder) => folder.startsWith('suite-')))
  rmSync(join(import.meta.dirname, components, name), { recursive: true });
for (const [path, text] of files) {
  const file = join(import.meta.dirname, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
process.stdout.write(`${[...files.keys()].join('\n')}\n`);
