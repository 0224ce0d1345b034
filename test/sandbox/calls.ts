/**
 * The recorded list of calls, and how it is played. recorded.json is what a real cluster (1.37) answered. The list is played
 * against the sandbox and, in test/cluster, against both: where they differ, the sandbox is wrong.
 */
import type { Call } from './calls/call.ts';
import { applyCalls, configMapCalls, leaseCalls, namespaceCalls, readingCalls } from './calls/objects.ts';
import { creationCalls, endCalls, lifeCalls, quotaCalls } from './calls/workload.ts';
import type { Answer, Api } from './kit.ts';

/** What is compared of an answer. */
export interface Played {
  readonly title: string;
  readonly status: number;
  readonly kind?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: unknown;
  readonly seen?: unknown;
}

/** In the order in which they are played; each builds on those before it. */
const parts = [
  namespaceCalls,
  configMapCalls,
  applyCalls,
  leaseCalls,
  readingCalls,
  creationCalls,
  lifeCalls,
  quotaCalls,
  endCalls,
];

/** Plays the list in a namespace that does not exist yet. */
export async function play(api: Api, namespace: string): Promise<Played[]> {
  const played: Played[] = [];
  for (const part of parts) for (const call of part(namespace)) played.push(await playOne(api, call, namespace));
  return played;
}

async function playOne(api: Api, call: Call, namespace: string): Promise<Played> {
  const { method, path, body, type, accept, after } = call;
  if (after) await api.until(after.path, after.holds);
  const answer = await api.call(method, path, { body, ...(type && { type }), ...(accept && { accept }) });
  return JSON.parse(plain(JSON.stringify(compared(call, answer)), namespace));
}

function compared({ title, read, wordsDiffer }: Call, { status, body }: Answer): Played {
  if (typeof body === 'string') return { title, status };
  const { kind, reason, message, details } = body;
  if (kind !== 'Status' || body.status !== 'Failure') return { title, status, kind, ...(read && { seen: read(body) }) };
  if (wordsDiffer) return { title, status, kind, reason };
  return { title, status, kind, reason, message, details };
}

/** Without what differs from run to run. */
function plain(text: string, namespace: string): string {
  return text
    .replaceAll(namespace, 'NAMESPACE')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replace(/"web-[0-9a-z]+(-[0-9a-z]+)?"/g, '"WEB"')
    .replace(/"full-[0-9a-z]+-[0-9a-z]+"/g, '"FULL"');
}
