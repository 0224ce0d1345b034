/** Who may do what: the one user may do everything but what a fault denies. */
import { forbidden, Refusal } from '../admission/status.ts';
import type { Cluster } from '../cluster.ts';

import type { Reply } from './read.ts';
import { type Json, type ResourceRequest, readObject } from './request.ts';

export const userName = 'kubernetes-admin';

interface Attributes {
  verb?: string;
  group?: string;
  resource?: string;
  subresource?: string;
  namespace?: string;
  name?: string;
}

const writing = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** Why RBAC denies it; undefined: it is allowed. */
function denial({ faults }: Cluster, { verb = '', resource = '', namespace = '' }: Attributes): string | undefined {
  if (resource === 'configmaps' && writing.includes(verb) && faults.on('configmap-forbidden'))
    return 'configmap-forbidden';
  const rule = faults.options('forbidden');
  const matches = (pattern: unknown, value: string) => pattern === '*' || pattern === value;
  if (rule && matches(rule.verb, verb) && matches(rule.resource, resource) && matches(rule.namespace, namespace))
    return 'forbidden';
  return undefined;
}

/** Throws Forbidden. */
export function authorize(cluster: Cluster, { resource, verb, namespace, name, subresource }: ResourceRequest): void {
  const space = resource.plural === 'namespaces' ? (name ?? '') : (namespace ?? '');
  const asked = { verb, resource: resource.plural, namespace: space };
  if (!denial(cluster, asked)) return;
  const what = subresource ? `${resource.plural}/${subresource}` : resource.plural;
  const where = space ? `in the namespace "${space}"` : 'at the cluster scope';
  const why = `User "${userName}" cannot ${verb} resource "${what}" in API group "${resource.group}" ${where}`;
  throw forbidden(resource, name ?? '', why);
}

/** POST selfsubjectaccessreviews. */
export async function reviewAccess(
  cluster: Cluster,
  request: { incoming: ResourceRequest['incoming'] },
): Promise<Reply> {
  const review = await readObject(request.incoming, 'SelfSubjectAccessReview');
  const spec = review.spec as Json | undefined;
  const attributes = spec?.resourceAttributes as Attributes | undefined;
  if (!attributes && !spec?.nonResourceAttributes) {
    throw new Refusal(
      422,
      'Invalid',
      'SelfSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
      { group: 'authorization.k8s.io', kind: 'SelfSubjectAccessReview' },
    );
  }
  const denied = attributes && denial(cluster, attributes);
  const body = {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec,
    status: { allowed: !denied, ...(denied && { reason: `the sandbox's fault ${denied} is on` }) },
  };
  return { code: 201, body };
}
