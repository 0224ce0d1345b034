/** CloudEvents 1.0 over HTTP, binary and structured: enough of one to start a run once. */
import type { IncomingHttpHeaders } from 'node:http';

/** What makes an event this event and no other. */
export interface EventIdentity {
  readonly source: string;
  readonly id: string;
}

/** It says it is an event and cannot be read as one; the message says why. */
export class EventError extends Error {
  override readonly name = 'EventError';
}

/** Undefined for a plain request. Throws an EventError. */
export function readCloudEvent(headers: IncomingHttpHeaders, body: unknown): EventIdentity | undefined {
  const contentType = headers['content-type'];
  if (isCloudEvent(contentType)) return structured(contentType as string, body);
  const { 'ce-id': id, 'ce-source': source, 'ce-specversion': version } = headers;
  if (id === undefined && source === undefined && version === undefined) return undefined;
  return identityOf({ id, source, specversion: version }, 'header ce-');
}

function structured(contentType: string, body: unknown): EventIdentity {
  if (/-batch/i.test(contentType)) throw new EventError('Batches of CloudEvents are not taken; send one at a time');
  let event: unknown;
  try {
    event = JSON.parse(String(body));
  } catch {
    throw new EventError('The CloudEvent in the body is not JSON');
  }
  if (typeof event !== 'object' || event === null) throw new EventError('The CloudEvent in the body is not an object');
  return identityOf(event, 'attribute ');
}

function identityOf(event: { id?: unknown; source?: unknown; specversion?: unknown }, what: string): EventIdentity {
  const read = (name: 'id' | 'source' | 'specversion') => {
    const value = event[name];
    if (typeof value !== 'string' || value === '' || value.length > 1_000)
      throw new EventError(`A CloudEvent needs the ${what}${name}: text of 1 to 1,000 characters`);
    return value;
  };
  if (!/^1\./.test(read('specversion'))) throw new EventError('Only CloudEvents of specversion 1.x are taken');
  return { id: read('id'), source: read('source') };
}

/** One event in the body, or a batch of them. */
export function isCloudEvent(contentType: string | undefined): boolean {
  return /^application\/cloudevents(-batch)?\+json\b/i.test(contentType ?? '');
}
