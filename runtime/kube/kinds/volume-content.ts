/** What pods write into a volume and find in it, by their logs. Pure. */
import { Defect } from '../../defects.ts';
import type { ObjectRef } from '../../model/object-ref.ts';

export const mountPath = '/volume';
const file = `${mountPath}/kube-e2etests`;
/** The first line of each pod: without it its log is not the whole. */
const heading = 'kube-e2etests: what the volume holds:';

/** What the logs of pods have, and where they ran. */
export interface Said {
  readonly lines: readonly string[];
  readonly pods: readonly string[];
  readonly nodes: readonly string[];
}

/** The claim. */
interface Of {
  readonly title: string;
  readonly ref: ObjectRef;
}

/** A pod ends well whatever it finds: its log is judged. */
export const scripts = {
  write: (line: string) => `echo "${heading}"; echo "${line}" > ${file} && cat ${file}; exit 0`,
  read: `echo "${heading}"; cat ${file}; exit 0`,
};

/** Raises k8s.volume_unwritable, k8s.log_incorrect, k8s.prerequisite_missing where its user may not write. */
export function wrote(of: Of, line: string, said: Said): void {
  const held = heldIn(of, said);
  if (held.some((one) => one.includes(line))) return;
  const why = `${of.title}: the pod on ${said.nodes.join(', ')} cannot write into its volume: ${held.join('; ') || 'it says nothing'}`;
  if (!/permission denied/i.test(why)) throw new Defect('k8s.volume_unwritable', why, { object: of.ref });
  const remedy = 'its driver gives volumes to no group (fsGroup): name another class by STORAGE_CLASS';
  throw new Defect('k8s.prerequisite_missing', `${why}; ${remedy}`, { object: of.ref });
}

/** Raises k8s.data_lost, k8s.log_incorrect. */
export function holds(of: Of, line: string, written: Said, read: Said): void {
  const held = heldIn(of, read);
  if (held.some((one) => one.includes(line))) return;
  const what = held.length > 0 ? `"${held.join('; ')}"` : 'nothing';
  const [from, to] = [written, read].map(({ nodes }) => nodes.join(', '));
  throw new Defect('k8s.data_lost', `${of.title}: "${line}" was written on ${from}, and on ${to} there was ${what}`, {
    object: of.ref,
  });
}

function heldIn({ title, ref }: Of, { lines, pods, nodes }: Said): readonly string[] {
  const at = lines.findIndex((one) => one.includes(heading));
  if (at >= 0) return lines.slice(at + 1);
  const [name = ''] = pods;
  const where = `The log of pod/${name}, which has ${title} on ${nodes.join(', ')},`;
  throw new Defect('k8s.log_incorrect', `${where} lacks its first line; it has ${lines.length} lines`, {
    object: { kind: 'pod', name, namespace: ref.namespace },
  });
}
