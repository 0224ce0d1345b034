import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { commandFrom } from '../diagnosis/command.ts';
import { largestReportBytes } from '../memory/reported.ts';
import type { Diagnosis } from '../model/diagnosis.ts';
import type { ObjectRef } from '../model/object-ref.ts';
import type { ClusterIdentity, RunResult, StepResult, TriggerKind, Unmet } from '../model/result.ts';
import { components } from '../sinks/metric-catalogue.ts';
import { clean, cut } from '../words/text.ts';
import { requireToken } from './access.ts';
import type { AppOptions } from './app-options.ts';
import { sendError } from './error-reply.ts';
import { errorReply, RunParams, runSecurity, tags, updateReply } from './schemas.ts';

/**
 * What a page shows of it must be of the right types throughout. How much there is of it is cut, not refused: a run that is
 * refused is a verdict that is lost.
 */
const text = Type.String();
const instant = Type.String({ format: 'date-time' });
const duration = Type.Number({ minimum: 0 });
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const judgements = ['passed', 'failed', 'errored'] as const;
const objectRef = Type.Object({ kind: text, name: text, namespace: Type.Optional(text) });

const finding = Type.Object({
  code: text,
  blame: Type.Enum(['cluster', 'us']),
  message: text,
  count,
  object: Type.Optional(objectRef),
});

const step = Type.Object({
  name: text,
  kind: Type.Enum(['step', 'check', 'recovery', 'cleanup']),
  status: Type.Enum([...judgements, 'skipped']),
  startedAt: Type.Union([instant, Type.Literal('')]),
  durationMs: duration,
  findings: Type.Array(finding),
  notes: Type.Array(text),
});

/** One of another version's, which this one cannot read, is left out. */
const diagnosis = Type.Object({
  component: Type.Enum([...components]),
  part: Type.Optional(text),
  confidence: Type.Enum(['certain', 'likely', 'possible']),
  sentence: text,
  evidence: Type.Array(text),
  command: Type.Optional(text),
  rule: text,
});

/** The same holds for these. */
const unmet = Type.Object({ requirement: text, reason: text });
const cluster = Type.Object({ name: text, server: text, version: text });

const ReportedRun = Type.Object({
  id: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$' }),
  suite: Type.String({ minLength: 1, maxLength: 100 }),
  namespace: text,
  trigger: text,
  cluster: Type.Optional(Type.Unknown()),
  status: Type.Enum([...judgements, 'unsupported']),
  unmet: Type.Optional(Type.Unknown()),
  startedAt: instant,
  finishedAt: instant,
  durationMs: duration,
  steps: Type.Array(step),
  recovered: Type.Array(objectRef),
  apiRequests: Type.Object({ total: count, watches: count, retries: count }),
  diagnosis: Type.Optional(Type.Unknown()),
  staleAfterMs: Type.Optional(duration),
  endedAgoMs: Type.Optional(duration),
});

type Reported = Static<typeof ReportedRun>;

const longestName = 300;
const longestText = 1_000;
const most = { steps: 500, findings: 50, notes: 50, recovered: 100, evidence: 20 };
const longestStalenessMs = 62 * 24 * 3_600_000;
const longestMs = 7 * 24 * 3_600_000;
const triggers: readonly TriggerKind[] = ['http', 'schedule', 'event', 'cli'];

/** PUT /results/:suite/:run: a whole run of another process, so that this one can show its history and what is broken. */
export async function reportRoute(app: FastifyInstance, options: AppOptions): Promise<void> {
  const { store, runToken } = options;
  app.addHook('onRequest', requireToken(runToken, options));

  app.put<{ Params: Static<typeof RunParams>; Body: Reported }>(
    '/results/:suite/:run',
    {
      bodyLimit: largestReportBytes,
      schema: {
        tags: tags.results,
        security: runSecurity,
        summary: 'Take a run of another process: at its verdict, and again when its clean-up is over',
        description:
          'As GET gives it. Evidence and measurements are not kept, long texts are cut. Its steps count as if sent to /update.',
        params: RunParams,
        body: ReportedRun,
        response: {
          200: { ...updateReply, description: 'Taken' },
          400: { ...errorReply, description: 'Not such a run; the message says where' },
          401: { ...errorReply, description: 'A token is required' },
          403: { ...errorReply, description: 'Wrong token, or a cross-site request' },
          413: { ...errorReply, description: 'The body is larger than 256 KB' },
          415: { ...errorReply, description: 'The content type is not application/json' },
          422: { ...errorReply, description: 'It cannot be kept; the message says why' },
        },
      },
    },
    async ({ params, body }, reply) => {
      const problem =
        body.id !== params.run || body.suite !== params.suite
          ? 'The path must name the suite and the id that are in the body'
          : (impossibleInstant(body) ??
            store.recordReported(runOf(body), freshFor(body), Math.min(body.endedAgoMs ?? 0, longestStalenessMs)));
      return problem === undefined ? { result: 'run taken' } : sendError(reply, 422, problem);
    },
  );
}

/** A leap second: right by its format, and no instant. */
function impossibleInstant({ startedAt, finishedAt, steps }: Reported): string | undefined {
  const instants = [startedAt, finishedAt, ...steps.map((one) => one.startedAt).filter((at) => at !== '')];
  const wrong = instants.find((at) => Number.isNaN(Date.parse(at)));
  return wrong === undefined ? undefined : `${cut(wrong, 40)} is no instant`;
}

/** As long as the other process says, and no longer than a process may say of itself. */
function freshFor({ staleAfterMs }: Reported): number | undefined {
  return staleAfterMs === undefined ? undefined : Math.min(staleAfterMs, longestStalenessMs);
}

/** Only what is known of, and only so much of it. */
function runOf(body: Reported): RunResult {
  const { id, suite, status, startedAt, finishedAt, apiRequests } = body;
  return {
    id,
    suite: clean(suite, longestName),
    namespace: clean(body.namespace, longestName),
    trigger: triggers.find((kind) => kind === body.trigger) ?? 'remote',
    ...(Check(cluster, body.cluster) && { cluster: clusterOf(body.cluster) }),
    status,
    ...(Check(unmet, body.unmet) && { unmet: unmetOf(body.unmet) }),
    startedAt,
    finishedAt,
    durationMs: Math.min(body.durationMs, longestMs),
    steps: body.steps.slice(0, most.steps).map(stepOf),
    recovered: body.recovered.slice(0, most.recovered).map(refOf),
    apiRequests: { total: apiRequests.total, watches: apiRequests.watches, retries: apiRequests.retries },
    ...(Check(diagnosis, body.diagnosis) && { diagnosis: diagnosisOf(body.diagnosis) }),
  };
}

function stepOf({ name, kind, status, startedAt, durationMs, findings, notes }: Static<typeof step>): StepResult {
  return {
    name: clean(name, longestName),
    kind,
    status,
    startedAt,
    durationMs: Math.min(durationMs, longestMs),
    // Codes are older or newer than ours where the other process is.
    findings: findings.slice(0, most.findings).map((one) => ({
      code: clean(one.code, 100) as StepResult['findings'][number]['code'],
      blame: one.blame,
      message: clean(one.message, longestText),
      count: Math.max(1, one.count),
      ...(one.object && { object: refOf(one.object) }),
    })),
    measurements: [],
    notes: notes.slice(0, most.notes).map((note) => clean(note, longestText)),
  };
}

function clusterOf({ name, server, version }: Static<typeof cluster>): ClusterIdentity {
  return { name: clean(name, longestName), server: clean(server, longestName), version: clean(version, 100) };
}

function unmetOf({ requirement, reason }: Static<typeof unmet>): Unmet {
  return { requirement: clean(requirement, longestName), reason: clean(reason, longestText) };
}

function refOf({ kind, name, namespace }: Static<typeof objectRef>): ObjectRef {
  return {
    kind: clean(kind, 100),
    name: clean(name, longestName),
    ...(namespace !== undefined && { namespace: clean(namespace, longestName) }),
  };
}

function diagnosisOf({
  component,
  part,
  confidence,
  sentence,
  evidence,
  command,
  rule,
}: Static<typeof diagnosis>): Diagnosis {
  // A person copies it into a shell.
  const looksFirst = command === undefined ? undefined : commandFrom(command);
  return {
    component,
    ...(part !== undefined && { part: clean(part, longestName) }),
    confidence,
    sentence: clean(sentence, 2 * longestText),
    evidence: evidence.slice(0, most.evidence).map((line) => clean(line, longestText)),
    ...(looksFirst !== undefined && { command: looksFirst }),
    rule: clean(rule, 100),
  };
}
