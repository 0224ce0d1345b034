/** Nodes that come, go and change while somebody looks. */
import type { FrontHooks, Passing } from '../front.ts';

/** node2 as a change makes it, once somebody has listed the nodes `after` times. */
export function changed(change: (node: Passing) => Passing, after = 0): FrontHooks {
  let lists = 0;
  return {
    object(object, { url }) {
      if (object.kind === 'NodeList' || !url.startsWith('/api/v1/nodes?')) return object;
      // Those who want to know of zones alone ask for no more than metadata.
      if (object.metadata?.name === 'node1' && object.status) lists += 1;
      return object.metadata?.name === 'node2' && lists > after ? change(object) : object;
    },
  };
}

export const bornNow = (node: Passing) => {
  node.metadata.creationTimestamp = new Date().toISOString();
  return node;
};
export const cordoned = (node: Passing) => ({ ...node, spec: { ...node.spec, unschedulable: true } });
export const notReady = (node: Passing) => ({
  ...node,
  status: { ...node.status, conditions: [{ type: 'Ready', status: 'False' }] },
});

export function notesOf({ steps }: { readonly steps: readonly { readonly notes: readonly string[] }[] }): string {
  return steps.flatMap(({ notes }) => notes).join('\n');
}
