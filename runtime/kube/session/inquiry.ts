import type { Inquiry } from '../../model/suite.ts';
import { defectOf } from '../client/errors.ts';
import type { ObjectClient } from '../client/served.ts';
import { KubeSession } from './session.ts';

/** What requirements ask of the cluster of a session: each question is one request, within the patience of one wait. */
export function inquiryOf(session: unknown): Inquiry {
  if (!(session instanceof KubeSession)) throw new Error('This is no session with a cluster');
  session.patience.begin();
  const ask = <T>(request: string, attempt: (signal: AbortSignal) => Promise<T>) =>
    session.call<T | undefined>(request, attempt, (failure) => {
      if (failure.status === 404) return undefined;
      throw defectOf(failure, request, 0);
    });
  return inquiryBy(session.api, ask, session.objects);
}

/** What settings name, and requirements ask about. */
export type NamedParts = Pick<
  Inquiry,
  'agentImage' | 'gateway' | 'ingressClass' | 'pullImage' | 'registry' | 'storageClass'
>;

/** `ask` sends one request; undefined: the answer was 404. */
export function inquiryBy(
  api: ObjectClient,
  ask: <T>(request: string, attempt: (signal: AbortSignal) => Promise<T>) => Promise<T | undefined>,
  { agentImage, gateway, ingressClass, pullImage, registry, storageClass }: NamedParts,
): Inquiry {
  return {
    agentImage,
    gateway,
    ingressClass,
    pullImage,
    registry,
    storageClass,
    async list<T>({ apiVersion, plural }: { readonly apiVersion: string; readonly plural: string }) {
      const kind = { apiVersion, plural, kind: plural, scope: 'cluster' } as const;
      const listed = await ask(`list ${plural}`, (signal) => api.list(kind, { keep: (item: object) => item }, signal));
      return listed?.items as readonly T[] | undefined;
    },
    async serves(apiVersion, plural) {
      const served = await ask(`get ${apiVersion}`, (signal) => api.plurals(apiVersion, signal));
      return served !== undefined && (plural === undefined || served.includes(plural));
    },
  };
}
