/** Templates and their revisions. */
import { createHash } from 'node:crypto';
import type { PodTemplate, ReplicaSet } from '../store/objects.ts';

export const hashLabel = 'pod-template-hash';
export const revisionAnnotation = 'deployment.kubernetes.io/revision';

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Equal for equal templates, in whatever order their fields stand. */
export function templateHash({ metadata, spec }: PodTemplate): string {
  const { creationTimestamp, ...meta } = metadata;
  const { [hashLabel]: hash, ...labels } = metadata.labels ?? {};
  const text = JSON.stringify(ordered({ metadata: { ...meta, labels }, spec }));
  const digest = createHash('sha1').update(text).digest();
  return Array.from(digest.subarray(0, 10), (byte) => alphabet[byte % alphabet.length]).join('');
}

export function revisionOf(set: ReplicaSet): number {
  return Number(set.metadata.annotations?.[revisionAnnotation] ?? 0);
}

export function nextRevision(sets: readonly ReplicaSet[]): number {
  return Math.max(0, ...sets.map(revisionOf)) + 1;
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, ordered(one)]));
}
