/** One request to the API server, sent once. Nothing else in the product sends one, but the client library's watch. */
import { fetch } from 'undici';
import { ApiError, NotKubernetes } from './errors.ts';
import type { Query } from './served.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From `/api` or `/apis` on. */
  readonly path: string;
  readonly query?: Query;
  readonly body?: object;
  /** Of the body. Default: application/json. */
  readonly contentType?: string;
  /** Default: JSON, and what there is where there is no JSON. */
  readonly accept?: string;
}

/** Who asks, and over which connections; credentials.ts. */
export interface Sender {
  getCurrentCluster(): { readonly server: string } | null;
  /** Raises k8s.prerequisite_missing. */
  authorization(): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly dispatcher: object }>;
}

export type Answer = Awaited<ReturnType<typeof fetch>>;
export type Transport = (request: ApiRequest, signal: AbortSignal) => Promise<Answer>;

/** `seen` is told the status of every answer. Throws ApiError, NotKubernetes, what fetch throws, the signal's reason. */
export function createTransport(sender: Sender, seen: (status: number) => void = () => {}): Transport {
  return async ({ method, path, query = {}, body, contentType = 'application/json', accept }, signal) => {
    const url = new URL(`${sender.getCurrentCluster()?.server ?? ''}${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const { headers, dispatcher } = await sender.authorization();
    const answer = await fetch(url, {
      method,
      headers: {
        accept: accept ?? 'application/json, */*;q=0.8',
        ...(body && { 'content-type': contentType }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
      dispatcher: dispatcher as never,
      signal,
    });
    seen(answer.status);
    if (answer.ok) return ofKubernetes(answer);
    // What refuses the credentials may be anybody, and quote them.
    const text = answer.status === 401 ? undefined : await answer.text();
    throw new ApiError(answer.status, text, Object.fromEntries(answer.headers));
  };
}

/** A login page or a proxy says 200 as well. */
function ofKubernetes(answer: Answer): Answer {
  const type = typeOf(answer);
  if (/html/.test(type)) throw new NotKubernetes(answer.status, `with a page (${type})`);
  return answer;
}

/** The JSON of an object, a list or the version. Throws NotKubernetes, at the latest when the body is read. */
export async function jsonOf<T>(answer: Answer): Promise<T> {
  const type = typeOf(answer);
  if (!/json/.test(type)) throw new NotKubernetes(answer.status, `with ${type || 'something without a type'}`);
  const text = await answer.text();
  if (!/"(kind|metadata|gitVersion)"/.test(text)) throw new NotKubernetes(answer.status, 'with JSON of another make');
  return JSON.parse(text) as T;
}

function typeOf({ headers }: Answer): string {
  return (headers.get('content-type') ?? '').split(';', 1)[0] as string;
}
