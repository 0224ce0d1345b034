import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { Clean } from 'typebox/value';
import { components } from '../metrics/catalogue.ts';
import type { RunResult } from '../model.ts';
import { requireToken } from './access.ts';
import type { AppOptions } from './app.ts';
import { sendError } from './errors.ts';
import { errorReply, RunParams, runSecurity, tags, updateReply } from './schemas.ts';

/** What a page shows of it must be what it looks like: bounded, and of the right types throughout. */
const text = (maxLength: number) => Type.String({ maxLength });
const instant = Type.String({ format: 'date-time', maxLength: 40 });
const duration = Type.Number({ minimum: 0 });
const count = Type.Integer({ minimum: 0 });
const verdicts = ['passed', 'failed', 'errored'] as const;
const objectRef = Type.Object({ kind: text(100), name: text(300), namespace: Type.Optional(text(300)) });

const finding = Type.Object({
  code: text(100),
  blame: Type.Enum(['cluster', 'us']),
  message: text(2_000),
  count: Type.Integer({ minimum: 1 }),
  object: Type.Optional(objectRef),
});

const step = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 300 }),
  kind: Type.Enum(['step', 'check', 'recovery', 'cleanup']),
  status: Type.Enum([...verdicts, 'skipped']),
  startedAt: Type.Union([instant, Type.Literal('')]),
  durationMs: duration,
  findings: Type.Array(finding, { maxItems: 100 }),
  notes: Type.Array(text(2_000), { maxItems: 100 }),
});

const diagnosis = Type.Object({
  component: Type.Enum([...components]),
  part: Type.Optional(text(300)),
  confidence: Type.Enum(['certain', 'likely', 'possible']),
  sentence: text(4_000),
  evidence: Type.Array(text(4_000), { maxItems: 100 }),
  command: Type.Optional(text(1_000)),
  rule: text(100),
});

const ReportedRun = Type.Object({
  id: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$' }),
  suite: Type.String({ minLength: 1, maxLength: 100 }),
  namespace: text(100),
  trigger: Type.Enum(['http', 'schedule', 'event', 'cli', 'remote']),
  status: Type.Enum([...verdicts]),
  startedAt: instant,
  finishedAt: instant,
  durationMs: duration,
  steps: Type.Array(step, { maxItems: 500 }),
  recovered: Type.Array(objectRef, { maxItems: 1_000 }),
  apiRequests: Type.Object({ total: count, watches: count, retries: count }),
  diagnosis: Type.Optional(diagnosis),
});

const largestBodyBytes = 1_048_576;

/** PUT /results/:suite/:run: a whole run of another process, so that this one can show its history and what is broken. */
export async function reportRoute(app: FastifyInstance, { store, runToken }: AppOptions): Promise<void> {
  app.addHook('onRequest', requireToken(runToken));

  app.put<{ Params: Static<typeof RunParams>; Body: Static<typeof ReportedRun> }>(
    '/results/:suite/:run',
    {
      bodyLimit: largestBodyBytes,
      schema: {
        tags: tags.results,
        security: runSecurity,
        summary: 'Take a run of another process: at its verdict, and again when its clean-up is over',
        description: 'As GET gives it. Evidence and measurements are not kept. Its steps count as if sent to /update.',
        params: RunParams,
        body: ReportedRun,
        response: {
          200: { ...updateReply, description: 'Taken' },
          400: { ...errorReply, description: 'Not such a run; the message says where' },
          401: { ...errorReply, description: 'A token is needed' },
          403: { ...errorReply, description: 'The token is wrong, or it came from a page of another site' },
          413: { ...errorReply, description: 'The body is larger than 1 MB' },
          415: { ...errorReply, description: 'The content type is not application/json' },
          422: { ...errorReply, description: 'The path names another run, or there are too many suites' },
        },
      },
    },
    async ({ params, body }, reply) => {
      if (body.id !== params.run || body.suite !== params.suite)
        return sendError(reply, 422, 'The path must name the suite and the id that are in the body');
      if (!store.recordReported(runOf(body)))
        return sendError(reply, 422, 'Runs of 1,000 suites are kept already, and this is of another one');
      return { result: 'run taken' };
    },
  );
}

/** Without keys that the schema does not know. */
function runOf(body: Static<typeof ReportedRun>): RunResult {
  const known = Clean(ReportedRun, body) as Static<typeof ReportedRun>;
  // Codes are older or newer than ours where the other process is.
  return { ...known, steps: known.steps.map((one) => ({ ...one, measurements: [] })) } as RunResult;
}
