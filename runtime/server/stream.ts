import type { FastifyInstance } from 'fastify';
import type { Store } from '../memory/store.ts';
import type { AppOptions } from './app-options.ts';
import { sendError } from './error-reply.ts';
import { createListener, frameOf, type Listener, resetFrame } from './listener.ts';
import { errorReply, tags } from './schemas.ts';

const heartbeatMs = 15_000;
/** Each may hold 256 KB of what it does not read. */
const mostListeners = 200;

/**
 * GET /events: server-sent events. `id` is `<epoch>-<number>`; Last-Event-ID, or `?after=`, gets what came after it. When that
 * is not known any more, or the process is another, the first event is `reset`: read the page again. Beyond 200 listeners: 503.
 */
export async function streamRoute(app: FastifyInstance, { store }: AppOptions): Promise<void> {
  const open = new Set<Listener>();
  const unsubscribe = store.subscribe((event) => {
    if (open.size === 0) return;
    const frame = Buffer.from(frameOf(store, event));
    for (const listener of open) listener.send(frame);
  });
  const stillHere = Buffer.from(': still here\n\n');
  const heartbeat = setInterval(() => {
    for (const listener of open) listener.beat(stillHere);
  }, heartbeatMs).unref();
  app.addHook('preClose', async () => {
    unsubscribe();
    clearInterval(heartbeat);
    for (const listener of open) listener.end();
  });

  const schema = {
    tags: tags.results,
    summary: 'Server-sent events; Last-Event-ID or ?after= gets what was missed',
    response: { 503: { ...errorReply, description: 'As many listen as can; Retry-After says when to ask again' } },
  };
  // A HEAD request would never end.
  app.get<{ Querystring: { after?: unknown } }>('/events', { schema, exposeHeadRoute: false }, (request, reply) => {
    if (open.size >= mostListeners)
      return sendError(
        reply.header('retry-after', '15'),
        503,
        `${mostListeners} listeners are connected already. Try again later`,
      );
    const { raw } = reply.hijack();
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // nginx would hold events back.
      'x-accel-buffering': 'no',
    });
    const after = heard(store, request.headers['last-event-id'] ?? request.query.after);
    raw.write(`retry: 2000\n\n${after === 'unknown' ? resetFrame(store) : ''}`);
    const listener = createListener(raw, store, after === 'unknown' ? undefined : after);
    open.add(listener);
    raw.once('close', () => open.delete(listener));
    raw.on('error', () => open.delete(listener));
    return reply;
  });
}

/** The number of the event that the listener has heard last; undefined for one that has just come. */
function heard(store: Store, after: unknown): number | 'unknown' | undefined {
  if (typeof after !== 'string' || after === '') return undefined;
  const [, epoch, number] = after.match(/^(\w+)-(\d{1,15})$/) ?? [];
  return epoch === store.epoch && store.eventsAfter(Number(number), 0) ? Number(number) : 'unknown';
}
