import type { FastifyInstance } from 'fastify';
import { healthOfSuite, originOf } from '../memory/cluster-health.ts';
import { sendable } from '../memory/rows.ts';
import { unfinishedRun } from '../memory/underway.ts';
import type { AppOptions } from './app-options.ts';
import { sendError, sendUnknownSuite } from './error-reply.ts';
import { errorReply, RunParams, runResult, SuiteParams, tags } from './schemas.ts';

/** GET /results, /results/:suite, /results/:suite/:run: the JSON twin of the page. */
export async function resultRoutes(app: FastifyInstance, options: AppOptions): Promise<void> {
  const { store, runner, health, suites, cluster, maintenance } = options;
  const areaOf = (suite: string) => {
    const area = suites.find(({ name }) => name === suite)?.area;
    return area && { area };
  };
  const all = cachedBy(
    () => [store.version, health(), cluster?.().server, cluster?.().version, maintenance?.current] as const,
    () => {
      const rows = store.rows();
      const results = sendable(rows);
      return JSON.stringify({
        cluster: cluster?.(),
        maintenance: maintenance?.current,
        health: health(),
        suites: suites.map(({ name, area }) => ({ name, ...(area && { area }) })),
        running: store.underway(),
        results,
        ...(results.length < rows.length && { resultsLeftOut: rows.length - results.length }),
        headlines: store.headlines,
      });
    },
  );

  app.get(
    '/results',
    {
      schema: {
        tags: tags.results,
        summary: "Every step's latest result, newest first",
        description:
          'At most 5,000 steps, resultsLeftOut counts the others; past 2 MB of details each step shows 100 characters of its own.',
      },
    },
    (_, reply) => reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(all()),
  );

  app.get<{ Params: { suite: string } }>(
    '/results/:suite',
    {
      schema: {
        tags: tags.results,
        summary: 'Runs of a suite, newest first',
        params: SuiteParams,
        response: { 404: errorReply },
      },
    },
    async (request, reply) => {
      const { suite } = request.params;
      const found = healthOfSuite(health(), suite);
      const origin = originOf(found);
      const runs = store.runs(suite, origin);
      if (runs.length === 0 && !suites.some(({ name }) => name === suite))
        return sendUnknownSuite(reply, suite, suites);
      return {
        suite,
        ...areaOf(suite),
        health: found,
        running: store.underway().find((run) => run.suite === suite) ?? null,
        latest: store.latest(suite, origin) ?? null,
        runs,
      };
    },
  );

  app.get<{ Params: { suite: string; run: string } }>(
    '/results/:suite/:run',
    {
      schema: {
        tags: tags.results,
        summary: 'One run, as long as it is in memory; with status running or waiting while it is not over',
        params: RunParams,
        response: { 200: runResult, 404: errorReply },
      },
    },
    async (request, reply) => {
      const { suite, run } = request.params;
      const found = store.run(run) ?? unfinishedRun(store, runner, run);
      if (found?.suite === suite) return found;
      return sendError(reply, 404, `No run ${JSON.stringify(run)} of ${JSON.stringify(suite)} in memory`);
    },
  );
}

/** Makes the text again only when one of the keys has changed; kept as bytes, since encoding it is most of the work of sending it. */
function cachedBy(keys: () => readonly unknown[], make: () => string): () => Buffer {
  let known: { readonly keys: readonly unknown[]; readonly bytes: Buffer } | undefined;
  return () => {
    const now = keys();
    if (!known?.keys.every((key, index) => key === now[index])) known = { keys: now, bytes: Buffer.from(make()) };
    return known.bytes;
  };
}
