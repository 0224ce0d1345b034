/** A Job as it is made: what its pods run, and which volume they have. */
import type { V1Affinity, V1Job } from '@kubernetes/client-node';
import type { ClusterView } from './cluster-view.ts';
import { ofRun, ourLabels } from './ownership.ts';
import { podTemplate } from './pod-template.ts';
import { imageOf } from './test-objects.ts';

export const container = 'job';

/** Default: one pod, which ends well; made anew six times where it does not. */
export interface JobOptions {
  /** What makes its name another than that of the run's other Jobs: `failing`. */
  readonly as?: string;
  /** Printed by each pod. */
  readonly line: string;
  readonly exitCode?: number;
  readonly completions?: number;
  readonly parallelism?: number;
  readonly backoffLimit?: number;
  /** What it does with the volume of a claim: `claim.writes(line)`, `claim.reads(written)`. Default: it has none. */
  readonly volume?: VolumeUse;
}

/** A claim as a pod has it. */
export interface VolumeUse {
  readonly claim: string;
  readonly mountPath: string;
  /** In place of the printed line. */
  readonly script: string;
  readonly affinity?: V1Affinity;
}

export type WholeOptions = ReturnType<typeof wholeOptions>;

export function wholeOptions(options: JobOptions) {
  return { exitCode: 0, completions: 1, parallelism: 1, backoffLimit: 6, ...options };
}

export function jobManifest(view: ClusterView, name: string, options: WholeOptions): V1Job {
  const { line, exitCode, completions, parallelism, backoffLimit, volume } = options;
  const { objects, namespace, scope } = view;
  const labels = ourLabels(scope.id, objects.labels);
  const command = ['sh', '-c', volume?.script ?? `echo "${line}"; exit ${exitCode}`];
  const mounted = volume && { volumeMounts: [{ name: 'volume', mountPath: volume.mountPath }] };
  const volumes = volume && [{ name: 'volume', persistentVolumeClaim: { claimName: volume.claim } }];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels },
    spec: {
      completions,
      parallelism,
      backoffLimit,
      template: podTemplate(objects, {
        labels: { ...labels, ...ofRun(name, scope.id) },
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: container, image: imageOf(objects, 'first'), command, ...mounted }],
          ...(volumes && { volumes }),
          ...(volume?.affinity && { affinity: volume.affinity }),
        },
      }),
    },
  };
}
