import type { FastifyInstance } from 'fastify';
import type { AppOptions } from './app-options.ts';
import { sendError } from './error-reply.ts';
import { errorReply, tags } from './schemas.ts';

/** GET /livez and /readyz: this process, never the cluster; a broken cluster must not restart what watches it. */
export async function probeRoutes(app: FastifyInstance, { isClosing }: AppOptions): Promise<void> {
  app.get('/livez', { schema: { tags: tags.health, summary: 'The process is alive' } }, (_, reply) =>
    reply.type('text/plain').send('ok'),
  );
  app.get(
    '/readyz',
    { schema: { tags: tags.health, summary: 'It takes requests', response: { 503: errorReply } } },
    (_, reply) => (isClosing?.() ? sendError(reply, 503, 'Shutting down') : reply.type('text/plain').send('ok')),
  );
}
