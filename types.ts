/**
 * The types of the door, for whoever writes suites outside of this repository: dist/index.d.ts, one file that needs no other package. Made for
 * a package (npm pack) and no sooner: a checkout has the sources.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateDtsBundle } from 'dts-bundle-generator';

const root = import.meta.dirname;

if (import.meta.main) writeTypes(join(root, 'dist'));

export function writeTypes(outdir: string): void {
  const door = {
    filePath: join(root, 'runtime/index.ts'),
    noCheck: true,
    // What a deployment's volumes and probes are is said in the types of the Kubernetes client.
    libraries: { inlinedLibraries: ['@kubernetes/client-node'], allowedTypesLibraries: [] },
    output: { exportReferencedTypes: false, noBanner: true },
  };
  const [types = ''] = generateDtsBundle([door], { preferredConfigPath: join(root, 'tsconfig.json') });
  const outside = types.match(/^import .* from .*$/m)?.[0];
  if (outside) throw new Error(`The types of the door need another package: ${outside}`);
  writeFileSync(join(outdir, 'index.d.ts'), types);
}
