import type { FastifyInstance } from 'fastify';
import { isWell } from '../memory/cluster-health.ts';
import type { Health } from '../model/health.ts';
import type { ClusterIdentity } from '../model/result.ts';
import type { AppOptions } from './app-options.ts';
import { healthReply, tags } from './schemas.ts';

/** GET /health: the cluster's verdict for pingers. 200 when every suite passes, be it slowly, and is fresh, or is not late yet after a start; else 503. */
export async function healthRoute(app: FastifyInstance, { health, cluster }: AppOptions): Promise<void> {
  let known: { readonly health: Health; readonly tested?: ClusterIdentity; readonly bytes: Buffer } | undefined;
  const response = {
    200: {
      ...healthReply,
      description:
        'Every suite passes, slow ones too, and none is stale; or unknown: just started, some pass and the others are not late yet',
    },
    503: { ...healthReply, description: 'Something fails, could not be judged, or has not reported in time' },
  };
  app.get('/health', { schema: { tags: tags.health, summary: "The cluster's verdict", response } }, (_, reply) => {
    const now = health();
    const tested = cluster?.();
    if (known?.health !== now || known.tested?.version !== tested?.version || known.tested?.server !== tested?.server)
      known = { health: now, tested, bytes: Buffer.from(JSON.stringify({ cluster: tested, ...now })) };
    reply.code(isWell(now) ? 200 : 503).header('cache-control', 'no-store');
    return reply.type('application/json; charset=utf-8').send(known?.bytes);
  });
}
