import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { LiveEvent, Store } from '../store.ts';
import type { AppOptions } from './app.ts';
import { tags } from './schemas.ts';

const heartbeatMs = 15_000;
/** A listener that lets so much pile up is cut off; it comes back and gets what it missed. */
const mostPendingBytes = 256 * 1024;

/**
 * GET /events: server-sent events. `id` is `<epoch>-<number>`; Last-Event-ID, or `?after=`, gets what came after it. When that
 * is not known any more, or the process is another, the first event is `reset`: read the page again.
 */
export async function streamRoute(app: FastifyInstance, { store }: AppOptions): Promise<void> {
  const open = new Set<ServerResponse>();
  const send = (frame: Buffer) => {
    for (const stream of open) {
      if (stream.writableLength > mostPendingBytes) stream.destroy();
      else stream.write(frame);
    }
  };
  const unsubscribe = store.subscribe((event) => {
    if (open.size > 0) send(Buffer.from(frameOf(store, event)));
  });
  const heartbeat = setInterval(() => send(Buffer.from(': still here\n\n')), heartbeatMs).unref();
  app.addHook('preClose', async () => {
    unsubscribe();
    clearInterval(heartbeat);
    for (const stream of open) stream.end();
  });

  const schema = { tags: tags.results, summary: 'Server-sent events; Last-Event-ID or ?after= gets what was missed' };
  // A HEAD request would never end.
  app.get<{ Querystring: { after?: unknown } }>('/events', { schema, exposeHeadRoute: false }, (request, reply) => {
    const { raw } = reply.hijack();
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // nginx would hold events back.
      'x-accel-buffering': 'no',
    });
    raw.write(`retry: 2000\n\n${missed(store, request.headers['last-event-id'] ?? request.query.after)}`);
    open.add(raw);
    raw.once('close', () => open.delete(raw));
    raw.on('error', () => open.delete(raw));
  });
}

/** What the listener has not seen; nothing for one that has just come. */
function missed(store: Store, after: unknown): string {
  if (typeof after !== 'string' || after === '') return '';
  const [, epoch, number] = after.match(/^(\w+)-(\d{1,15})$/) ?? [];
  const events = epoch === store.epoch ? store.eventsAfter(Number(number)) : undefined;
  if (!events) return `id: ${store.epoch}-${store.lastEvent}\nevent: reset\ndata: {}\n\n`;
  return events.map((event) => frameOf(store, event)).join('');
}

/** JSON has no line breaks, so one data line holds it. */
function frameOf(store: Store, event: LiveEvent): string {
  return `id: ${store.epoch}-${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
