import type { FastifyInstance } from 'fastify';
import type { AppOptions } from './app-options.ts';
import { tags } from './schemas.ts';

/** GET /metrics */
export async function metricsRoute(app: FastifyInstance, { prometheus }: AppOptions): Promise<void> {
  const schema = { tags: tags.health, summary: 'Prometheus text' };
  app.get('/metrics', { schema }, async (_, reply) => reply.type(prometheus.contentType).send(await prometheus.text()));
}
