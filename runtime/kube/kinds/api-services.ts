/** The APIs that the API server has, its own and those that others serve behind it. */
import type { KubernetesObject } from '@kubernetes/client-node';
import type { Served } from '../client/served.ts';

export interface APIService extends KubernetesObject {
  readonly spec?: { readonly service?: { readonly name?: string; readonly namespace?: string } };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
      readonly lastTransitionTime?: string;
    }[];
  };
}

export const apiServices: Served<APIService> & { readonly scope: 'cluster' } = {
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  plural: 'apiservices',
  scope: 'cluster',
};

export interface Unavailable {
  readonly name: string;
  readonly why: string;
  /** Instant, milliseconds since the epoch; undefined where nobody says. */
  readonly sinceMs: number | undefined;
}

/** Undefined: it is Available. One that nobody has looked at yet counts as new, not as unavailable for long. */
export function whyUnavailable({ metadata, spec, status }: APIService): Unavailable | undefined {
  const found = status?.conditions?.find(({ type }) => type === 'Available');
  if (found?.status === 'True') return undefined;
  const name = metadata?.name ?? '';
  const { service } = spec ?? {};
  const behind = service ? `, served by service/${service.name} in ${service.namespace},` : '';
  const said = found ? [found.reason, found.message].filter(Boolean).join(': ') : 'nothing is said of it';
  const since = Date.parse(found?.lastTransitionTime ?? String(metadata?.creationTimestamp ?? ''));
  return {
    name,
    why: `API ${name}${behind} is not available: ${said}`,
    sinceMs: Number.isNaN(since) ? undefined : since,
  };
}
