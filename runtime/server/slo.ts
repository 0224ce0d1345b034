import type { FastifyInstance } from 'fastify';
import { healthOfSuite, originOf } from '../memory/cluster-health.ts';
import type { SuiteHealth } from '../model/health.ts';
import type { AppOptions } from './app-options.ts';
import { sendUnknownSuite } from './error-reply.ts';
import { errorReply, SuiteParams, sloReply, suiteLevel, tags } from './schemas.ts';

/** GET /slo, /slo/:suite: availability of every suite; the days of one. */
export async function sloRoutes(app: FastifyInstance, { store, health, suites }: AppOptions): Promise<void> {
  const levelOf = (suite: string, known?: SuiteHealth) => ({
    suite,
    ...(known?.remote && { remote: true }),
    ...store.level(suite, originOf(known)),
  });

  app.get(
    '/slo',
    {
      schema: {
        tags: tags.health,
        summary: 'Availability of every suite over 24 h, 7 d and 30 d, and its error budget',
        response: { 200: sloReply },
      },
    },
    async (_, reply) => {
      reply.header('cache-control', 'no-store');
      return {
        suites: health().suites.map((known) => {
          const { days: _, ...level } = levelOf(known.suite, known);
          return level;
        }),
      };
    },
  );

  app.get<{ Params: { suite: string } }>(
    '/slo/:suite',
    {
      schema: {
        tags: tags.health,
        summary: 'The same of one suite, with each of the last 30 days',
        params: SuiteParams,
        response: { 200: suiteLevel, 404: errorReply },
      },
    },
    async (request, reply) => {
      const { suite } = request.params;
      const known = healthOfSuite(health(), suite);
      if (!known && !suites.some(({ name }) => name === suite)) return sendUnknownSuite(reply, suite, suites);
      reply.header('cache-control', 'no-store');
      return levelOf(suite, known);
    },
  );
}
