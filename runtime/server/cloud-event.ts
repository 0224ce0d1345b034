/** CloudEvents 1.0 over HTTP, binary, structured and in batches: enough of one to start a run once. */
import type { IncomingHttpHeaders } from 'node:http';

/** What makes an event this event and no other. */
export interface EventIdentity {
  readonly source: string;
  readonly id: string;
  /** '' where it has none. */
  readonly type: string;
}

/** What one request brings. */
export interface EventDelivery {
  readonly events: readonly EventIdentity[];
  /** They came as a batch, and are answered as one. */
  readonly isBatch: boolean;
}

/** It says it is an event and cannot be read as one; the message says why. */
export class EventError extends Error {
  override readonly name = 'EventError';
  readonly statusCode: 400 | 415;

  constructor(message: string, statusCode: 400 | 415 = 400) {
    super(message);
    this.statusCode = statusCode;
  }
}

/** Undefined for a plain request. Throws an EventError. */
export function readCloudEvents(headers: IncomingHttpHeaders, body: unknown): EventDelivery | undefined {
  const contentType = headers['content-type'];
  if (isCloudEvent(contentType)) return structured(contentType as string, body);
  const { 'ce-id': id, 'ce-source': source, 'ce-specversion': version, 'ce-type': type } = headers;
  if (id === undefined && source === undefined && version === undefined) return undefined;
  const event = { id: decoded(id), source: decoded(source), specversion: version, type: decoded(type) };
  return { events: [identityOf(event, 'header ce-')], isBatch: false };
}

function structured(contentType: string, body: unknown): EventDelivery {
  const [, batch, format] = /^application\/cloudevents(-batch)?\+?([\w.-]*)/i.exec(contentType) ?? [];
  const isBatch = batch !== undefined;
  if (format?.toLowerCase() !== 'json')
    throw new EventError(`CloudEvents are taken as JSON: send application/cloudevents+json, not ${contentType}`, 415);
  let parsed: unknown;
  try {
    parsed = JSON.parse(String(body));
  } catch {
    throw new EventError('The CloudEvent in the body is not JSON');
  }
  if (!isBatch) return { events: [identityOf(objectIn(parsed), 'attribute ')], isBatch };
  if (!Array.isArray(parsed)) throw new EventError('A batch of CloudEvents is a JSON array');
  const events = parsed.map((event, index) => identityOf(objectIn(event), `attribute [${index}].`));
  return { events, isBatch };
}

function objectIn(value: unknown): object {
  if (typeof value !== 'object' || value === null) throw new EventError('The CloudEvent in the body is not an object');
  return value;
}

function identityOf(
  event: { id?: unknown; source?: unknown; specversion?: unknown; type?: unknown },
  what: string,
): EventIdentity {
  const read = (name: 'id' | 'source' | 'specversion') => {
    const value = event[name];
    if (typeof value !== 'string' || value === '' || value.length > 1_000)
      throw new EventError(`A CloudEvent needs the ${what}${name}: text of 1 to 1,000 characters`);
    return value;
  };
  if (!/^1\./.test(read('specversion'))) throw new EventError('Only CloudEvents of specversion 1.x are taken');
  return { id: read('id'), source: read('source'), type: typeof event.type === 'string' ? event.type : '' };
}

/** Headers are percent-encoded: the same event may come in the body as it is. */
function decoded(value: string | string[] | undefined): unknown {
  if (typeof value !== 'string') return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** An event in the body, or a batch of them, in whatever format. */
export function isCloudEvent(contentType: string | undefined): boolean {
  return /^application\/cloudevents\b/i.test(contentType ?? '');
}
