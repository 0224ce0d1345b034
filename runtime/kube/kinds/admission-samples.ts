/** What is tried and never made: whoever refuses these refuses the suites. */
import { setTimeout as pause } from 'node:timers/promises';
import type { KubernetesObject } from '@kubernetes/client-node';
import { Defects, findingsOf, mergeFindings } from '../../defects.ts';
import { type ApiFailure, defectOf } from '../client/errors.ts';
import type { Served } from '../client/served.ts';
import type { ClusterView } from './cluster-view.ts';
import { ourLabels } from './ownership.ts';
import { pods } from './pod.ts';
import { podTemplate } from './pod-template.ts';
import { containerName, imageOf, podPort } from './test-objects.ts';

export interface Sample {
  readonly kind: Served;
  spec(view: ClusterView): object;
}

const lookAgainMs = 500;
const labels = { app: 'kube-e2etests-sample' };

function template({ objects }: ClusterView, restartPolicy: 'Always' | 'Never' = 'Always') {
  const containers = [{ name: containerName, image: imageOf(objects, 'first') }];
  return podTemplate(objects, { labels, spec: { restartPolicy, containers } });
}

/** Pods, since most admission is about them, and what most people make. */
export const samples: readonly Sample[] = [
  { kind: pods, spec: (view) => template(view).spec as object },
  {
    kind: { apiVersion: 'v1', kind: 'Service', plural: 'services' },
    spec: () => ({ selector: labels, ports: [{ port: 80, targetPort: podPort }] }),
  },
  {
    kind: { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments' },
    spec: (view) => ({ replicas: 1, selector: { matchLabels: labels }, template: template(view) }),
  },
  {
    kind: { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs' },
    spec: (view) => ({ template: template(view, 'Never') }),
  },
];

/** Side by side, a dry run of each. Raises what each is refused with. */
export async function tryAdmission(view: ClusterView): Promise<void> {
  const tried = await Promise.allSettled(samples.map((sample) => trial(view, sample)));
  const refused = tried.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  view.scope.signal.throwIfAborted();
  if (refused.length > 0) throw new Defects(mergeFindings(refused.flatMap(findingsOf)));
}

async function trial(view: ClusterView, { kind, spec }: Sample): Promise<void> {
  const { api, namespace, objects, scope } = view;
  const metadata = { name: `${objects.deployment}-sample`, namespace, labels: ourLabels(scope.id, objects.labels) };
  const body = { apiVersion: kind.apiVersion, kind: kind.kind, metadata, spec: spec(view) } as KubernetesObject;
  const request = `try to create ${kind.plural}`;
  const attempt = (signal: AbortSignal) =>
    api.create(kind, namespace, body, signal, { dryRun: true }).then(() => undefined);
  for (;;) {
    const failure = await view.call<ApiFailure | undefined>(request, attempt, (refusal) => refusal);
    if (!failure) return;
    // A webhook with side effects cannot be tried.
    if (/does not support dry run/.test(failure.message)) return scope.note(`${kind.kind}: ${failure.message}`);
    if (!isOfYoungNamespace(failure) || view.patience.leftMs <= lookAgainMs) {
      const object = { kind: kind.kind.toLowerCase(), name: metadata.name, namespace };
      throw defectOf(failure, request, 0, { object });
    }
    await pause(lookAgainMs, undefined, { signal: scope.signal });
  }
}

/** A controller gives each namespace its service account, a moment after it was made. */
function isOfYoungNamespace({ status, message }: ApiFailure): boolean {
  return status === 403 && /error looking up service account/.test(message);
}
