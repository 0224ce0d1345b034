/** Any object of the API, by where it is served: a kind that is new needs nothing here. */
import { ApiError, NotKubernetes } from './errors.ts';
import { readLean } from './lean-list.ts';
import {
  type LeanQuery,
  type ObjectClient,
  type ObjectList,
  type Place,
  pathOf,
  type Readiness,
  rootOf,
  type Served,
} from './served.ts';
import { type ApiRequest, jsonOf, type Transport } from './transport.ts';

const fieldManager = 'kube-e2etests';
const metadataList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

export function createObjectClient(send: Transport): ObjectClient {
  const ask = async <T>(request: ApiRequest, signal: AbortSignal): Promise<T> => jsonOf<T>(await send(request, signal));
  const one = (kind: Served<unknown>, { namespace, name }: Place) =>
    `${pathOf(kind, namespace)}/${encodeURIComponent(name)}`;
  return {
    get: (kind, place, signal) => ask({ method: 'GET', path: one(kind, place) }, signal),
    async list(kind, { namespace, ...query }, signal) {
      const path = pathOf(kind, namespace);
      if ('keep' in query) return lean(send, path, query, signal) as never;
      const list = await ask<{ items?: [] | null }>({ method: 'GET', path, query }, signal);
      return { ...list, items: list.items ?? [] };
    },
    create: (kind, namespace, body, signal, { dryRun } = {}) => {
      const query = { fieldManager, dryRun: dryRun ? 'All' : undefined };
      return ask({ method: 'POST', path: pathOf(kind, namespace), query, body: body as object }, signal);
    },
    apply: (kind, place, body, signal) =>
      ask(
        {
          method: 'PATCH',
          path: one(kind, place),
          query: { fieldManager, force: true },
          body: body as object,
          contentType: 'application/apply-patch+yaml',
        },
        signal,
      ),
    patch: (kind, place, body, signal, subresource) =>
      ask(
        {
          method: 'PATCH',
          path: `${one(kind, place)}${subresource ? `/${subresource}` : ''}`,
          body,
          contentType: 'application/merge-patch+json',
        },
        signal,
      ),
    submit: (kind, place, subresource, body, signal) =>
      ask({ method: 'POST', path: `${one(kind, place)}/${subresource}`, body }, signal),
    replace: (kind, place, body, signal) =>
      ask({ method: 'PUT', path: one(kind, place), body: body as object }, signal),
    remove: (kind, place, body, signal) => ask({ method: 'DELETE', path: one(kind, place), body }, signal),
    text: async (kind, place, { name, query }, signal) =>
      (await send({ method: 'GET', path: `${one(kind, place)}/${name}`, query }, signal)).text(),
    async plurals(apiVersion, signal) {
      const list = await ask<{ resources?: readonly { name: string }[] }>(
        { method: 'GET', path: `${rootOf(apiVersion)}/` },
        signal,
      );
      return (list.resources ?? []).map(({ name }) => name);
    },
    readiness: (signal) => readinessOf(send, signal),
    version: (signal) => ask({ method: 'GET', path: '/version/' }, signal),
  };
}

/** It answers 500 where a check fails, and lists them: an answer as good as the other. */
async function readinessOf(send: Transport, signal: AbortSignal): Promise<Readiness> {
  try {
    const answer = await send({ method: 'GET', path: '/readyz', query: { verbose: '' }, accept: '*/*' }, signal);
    await answer.text();
    return { failed: [], date: answer.headers.get('date') ?? undefined };
  } catch (error) {
    const failed = error instanceof ApiError ? [...(error.body ?? '').matchAll(/^\[-\](\S+)/gm)] : [];
    if (failed.length === 0) throw error;
    return { failed: failed.map(([, name = '']) => name), date: (error as ApiError).headers.date };
  }
}

/** Item by item: what is kept of each is small, however large the answer. */
async function lean(
  send: Transport,
  path: string,
  { keep, metadataOnly, ...query }: Omit<LeanQuery, 'namespace'>,
  signal: AbortSignal,
): Promise<ObjectList<unknown>> {
  const accept = metadataOnly ? metadataList : undefined;
  const answer = await send({ method: 'GET', path, query, accept }, signal);
  const list = answer.body && (await readLean(answer.body as AsyncIterable<Uint8Array>, keep));
  if (!list) throw new NotKubernetes(answer.status, 'with something that is no list');
  return list;
}
