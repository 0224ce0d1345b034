/** The scale subresource of deployments and replica sets. */
import { cause, invalid, modified, Refusal } from '../admission/status.ts';
import type { Cluster } from '../cluster.ts';
import type { Workload } from '../store/objects.ts';
import type { Resource } from '../store/resources.ts';
import { selectorText } from '../store/selectors.ts';
import { type Reply, requireObject } from './read.ts';
import { type ResourceRequest, readBody, readObject } from './request.ts';
import { isDryRun, patched, updateOwned } from './write.ts';

interface Scale {
  metadata: { name: string; namespace?: string; resourceVersion?: string };
  spec?: { replicas?: number };
}

const scaleResource = { kind: 'Scale', group: 'autoscaling', plural: 'scales' } as unknown as Resource;

export async function scale(cluster: Cluster, request: ResourceRequest): Promise<Reply> {
  const current = requireObject(cluster, request) as Workload;
  if (request.method === 'GET') return { code: 200, body: scaleOf(current) };
  const wanted = await readScale(request, scaleOf(current));
  const { name, resourceVersion } = wanted.metadata ?? { name: current.metadata.name };
  if (resourceVersion && resourceVersion !== current.metadata.resourceVersion) throw modified(request.resource, name);
  const replicas = wanted.spec?.replicas ?? 0;
  if (!Number.isInteger(replicas) || replicas < 0) {
    throw invalid(scaleResource, name, [
      cause.invalid('spec.replicas', replicas, 'must be greater than or equal to 0'),
    ]);
  }
  const next = { ...current, spec: { ...current.spec, replicas } };
  const stored = updateOwned(cluster, request, current, next, isDryRun(request, 'UpdateOptions'));
  return { code: 200, body: scaleOf(stored as Workload) };
}

async function readScale(request: ResourceRequest, current: object): Promise<Scale> {
  if (request.method === 'PATCH') {
    const type = (request.incoming.headers['content-type'] ?? '').split(';')[0]!.trim();
    if (type === 'application/apply-patch+yaml') {
      throw new Refusal(415, 'UnsupportedMediaType', 'the sandbox does not apply to the scale subresource', {});
    }
    return (await patched(current, type, await readBody(request.incoming))) as Scale;
  }
  const body = (await readObject(request.incoming, 'Scale')) as unknown as Scale;
  if (!body.metadata?.namespace)
    throw invalid(scaleResource, body.metadata?.name ?? '', [cause.required('metadata.namespace')]);
  return body;
}

function scaleOf({ metadata, spec, status }: Workload): object {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: spec.replicas > 0 ? { replicas: spec.replicas } : {},
    status: { replicas: (status as { replicas?: number }).replicas ?? 0, selector: selectorText(spec.selector) },
  };
}
