import type { FastifyInstance } from 'fastify';
import { isWell } from '../memory/cluster-health.ts';
import type { AppOptions } from './app-options.ts';
import { healthReply, tags } from './schemas.ts';

/**
 * GET /health: the cluster's verdict for pingers. 200 when every suite passes, be it slowly, and is fresh, or is not late yet after a start;
 * else 503. During a maintenance 200, with what it would be.
 */
export async function healthRoute(app: FastifyInstance, { health, cluster, maintenance }: AppOptions): Promise<void> {
  let known: { readonly parts: Parts; readonly bytes: Buffer } | undefined;
  const response = {
    200: {
      ...healthReply,
      description:
        'Every suite passes, slow ones too, and none is stale; or unknown: just started, some pass and the others are not late yet; or a maintenance is under way',
    },
    503: { ...healthReply, description: 'Something fails, could not be judged, or has not reported in time' },
  };
  app.get('/health', { schema: { tags: tags.health, summary: "The cluster's verdict", response } }, (_, reply) => {
    const now = health();
    const tested = cluster?.();
    const pause = maintenance?.current;
    const statusCode = isWell(now) ? 200 : 503;
    const parts: Parts = [now, tested?.version, tested?.server, pause];
    if (!known?.parts.every((part, index) => part === parts[index])) {
      const during = pause && { ...pause, wouldBe: statusCode };
      known = { parts, bytes: Buffer.from(JSON.stringify({ cluster: tested, maintenance: during, ...now })) };
    }
    reply.code(pause ? 200 : statusCode).header('cache-control', 'no-store');
    return reply.type('application/json; charset=utf-8').send(known.bytes);
  });
}

/** What the answer depends on. */
type Parts = readonly unknown[];
