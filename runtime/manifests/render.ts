/** Manifests as text that people read: what fits on a line is on one. */
import { Document, isCollection, isMap, isPair, type Node } from 'yaml';
import type { KubeManifest } from './manifest.ts';

const longestLine = 110;

/** Documents with --- before each. Words that YAML 1.1 takes for booleans are quoted: kubectl reads 1.1. */
export function render(manifests: readonly KubeManifest[]): string {
  return manifests.map((manifest) => `---\n${textOf(manifest)}`).join('');
}

function textOf(manifest: KubeManifest): string {
  const document = new Document(manifest, { version: '1.1', aliasDuplicateObjects: false });
  const { contents } = document;
  if (isMap(contents)) for (const pair of contents.items) fold(pair.value as Node);
  return document.toString({ lineWidth: 0, directives: false, flowCollectionPadding: false });
}

/** In one line, where it fits. */
function fold(node: Node | null): void {
  if (!isCollection(node)) return;
  if (JSON.stringify(node.toJSON()).length <= longestLine) {
    node.flow = true;
    return;
  }
  for (const item of node.items) fold((isPair(item) ? item.value : item) as Node);
}
