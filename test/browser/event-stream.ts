/** The server's event stream as the page needs it: numbered, replayed from where the page was made. */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { LiveEvent, Store } from '../../runtime/store.ts';

/** Returns what cuts every open stream. */
export function eventStream(app: FastifyInstance, store: Store): () => void {
  const open = new Set<ServerResponse>();
  const frame = (event: LiveEvent) =>
    `id: ${store.epoch}-${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  store.subscribe((event) => {
    for (const stream of open) stream.write(frame(event));
  });
  app.get('/events', (request, reply) => {
    const after = String(request.headers['last-event-id'] ?? (request.query as { after?: string }).after ?? '');
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    reply.raw.write(': hello\n\n');
    const [epoch, id] = after.split('-');
    const missed = epoch === store.epoch ? store.eventsAfter(Number(id)) : undefined;
    if (missed) for (const event of missed) reply.raw.write(frame(event));
    else if (after) reply.raw.write(`id: ${store.epoch}-${store.lastEvent}\nevent: reset\ndata: {}\n\n`);
    open.add(reply.raw);
    reply.raw.once('close', () => open.delete(reply.raw));
  });
  return () => {
    for (const stream of open) stream.destroy();
  };
}
