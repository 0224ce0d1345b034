import type { FastifyInstance } from 'fastify';
import { requireToken } from './access.ts';
import type { AppOptions } from './app-options.ts';
import { sendError } from './error-reply.ts';
import { sendUnknownSuite } from './run-replies.ts';
import { RunQuery, runReplies, runSecurity, SuiteParams, suiteList, tags } from './schemas.ts';
import { createTrigger, type RunRequest, takeAnyBody } from './trigger.ts';

/** POST /run/:suite, POST / where there is one suite only, GET /run. */
export async function runRoutes(app: FastifyInstance, options: AppOptions): Promise<void> {
  await app.register(suiteListRoute, options);
  await app.register(triggerRoutes, options);
}

async function triggerRoutes(app: FastifyInstance, options: AppOptions): Promise<void> {
  const { suites, runner, runToken } = options;
  const trigger = createTrigger(runner);
  const byName = new Map(suites.map((suite) => [suite.name, suite]));
  takeAnyBody(app);
  app.addHook('onRequest', requireToken(runToken, options));

  app.post<{ Params: { suite: string }; Querystring: { wait?: boolean } }>(
    '/run/:suite',
    {
      schema: {
        tags: tags.run,
        summary: 'Run a suite, or join its run under way, and wait for the verdict and the clean-up',
        description:
          'The body is ignored, unless the request is a CloudEvent (binary, structured, or a batch): then a repeated id gets the first result, the status is 200 whatever the verdict, and the answer is a CloudEvent of type io.kube-e2etests.run.finished (empty with ?wait=false).',
        security: runSecurity,
        params: SuiteParams,
        querystring: RunQuery,
        response: runReplies,
      },
    },
    async (request, reply) => {
      const suite = byName.get(request.params.suite);
      return suite ? trigger(suite, request, reply) : sendUnknownSuite(reply, request.params.suite, suites);
    },
  );

  app.post(
    '/',
    {
      schema: {
        tags: tags.run,
        summary: 'The same, for the suite of a process that serves one only',
        security: runSecurity,
        querystring: RunQuery,
        response: runReplies,
      },
    },
    async (request, reply) => {
      const [suite] = suites;
      if (suite && suites.length === 1) return trigger(suite, request as RunRequest, reply);
      const known = suites.map(({ name }) => name).join(', ');
      return sendError(reply, 404, `This process serves several suites; name one: POST /run/<suite>. Known: ${known}`);
    },
  );
}

async function suiteListRoute(app: FastifyInstance, options: AppOptions): Promise<void> {
  const { suites, runner, store, health, nextRun } = options;
  app.get(
    '/run',
    { schema: { tags: tags.run, summary: 'The suites of this process', response: { 200: suiteList } } },
    async () => {
      const states = new Map(health().suites.flatMap((one) => (one.remote ? [] : [[one.suite, one]])));
      const active = new Map(runner.active.map((one) => [one.suite, one]));
      return suites.map(({ name, description, area, steps }) => {
        const [last] = store.runs(name);
        const { state = 'unknown', slow } = states.get(name) ?? {};
        const { run, since } = active.get(name) ?? {};
        return {
          name,
          description,
          ...(area && { area }),
          steps,
          state,
          ...(slow && { slow }),
          ...(last && { last: { id: last.id, status: last.status, at: last.finishedAt, durationMs: last.durationMs } }),
          ...(run && { running: { id: run, since } }),
          nextRun: nextRun?.(name) ?? null,
        };
      });
    },
  );
}
