/** What the routes take and give, for validation and for GET /openapi.json. */
import { Type } from 'typebox';
import { areas } from '../areas.ts';

/** Only routes with a tag are in the description. */
export const tags = { run: ['run'], results: ['results'], health: ['health'] };

export const SuiteParams = Type.Object({
  suite: Type.String({ description: 'Name of the suite, such as http_update' }),
});

export const RunParams = Type.Object({ suite: Type.String(), run: Type.String({ description: 'Id of the run' }) });

export const RunQuery = Type.Object({
  wait: Type.Optional(Type.Boolean({ default: true, description: 'false: answer 202 at once, with a Location' })),
});

export const errorReply = Type.Object(
  {
    statusCode: Type.Integer(),
    error: Type.String(),
    message: Type.String({ description: 'What was wrong and what to do' }),
  },
  { description: 'The request cannot be served' },
);

const status = Type.Enum(['passed', 'failed', 'errored', 'skipped']);
const verdict = Type.Enum(['passed', 'failed', 'errored', 'unsupported']);
const state = Type.Enum(['passing', 'slow', 'failing', 'errored', 'stale', 'unknown', 'unsupported']);
const instant = Type.String({ format: 'date-time' });
const slow = Type.Object(
  {
    afterMs: Type.Number({ description: 'The limit: SLOW_<SUITE>, else three times usualMs and at least 2,000' }),
    usualMs: Type.Optional(Type.Number({ description: 'Median of the passed runs before; from ten on' })),
  },
  { description: 'Of a slow suite: its last run passed, and took longer than that' },
);
const objectRef = Type.Object({
  kind: Type.String(),
  name: Type.String(),
  namespace: Type.Optional(Type.String()),
});

const cluster = Type.Object(
  {
    name: Type.String({ description: 'CLUSTER_NAME, else the context' }),
    server: Type.String({ description: 'URL of its API server, or unknown' }),
    version: Type.String({ description: 'Such as v1.34.1, or unknown' }),
  },
  { description: 'Which cluster is tested' },
);

const finding = Type.Object({
  code: Type.String({ description: 'area.error, of a closed set' }),
  blame: Type.Enum(['cluster', 'us']),
  message: Type.String(),
  count: Type.Integer(),
  object: Type.Optional(objectRef),
  evidence: Type.Optional(Type.Unknown({ description: 'What the objects showed when it was found' })),
});

const step = Type.Object({
  name: Type.String(),
  kind: Type.Enum(['step', 'check', 'recovery', 'cleanup']),
  status,
  startedAt: Type.String({ description: 'ISO 8601, empty for a skipped step' }),
  durationMs: Type.Number(),
  findings: Type.Array(finding),
  measurements: Type.Array(Type.Unknown()),
  notes: Type.Array(Type.String()),
});

export const runResult = Type.Object(
  {
    id: Type.String(),
    suite: Type.String(),
    namespace: Type.String(),
    trigger: Type.Enum(['http', 'schedule', 'event', 'cli', 'remote']),
    cluster: Type.Optional(cluster),
    status: verdict,
    startedAt: instant,
    finishedAt: instant,
    durationMs: Type.Number(),
    steps: Type.Array(step),
    recovered: Type.Array(objectRef),
    apiRequests: Type.Object({ total: Type.Integer(), watches: Type.Integer(), retries: Type.Integer() }),
    unmet: Type.Optional(
      Type.Object({ requirement: Type.String(), reason: Type.String() }, { description: 'Why it is unsupported' }),
    ),
    diagnosis: Type.Optional(Type.Unknown()),
    joined: Type.Optional(Type.Boolean({ description: 'The run was under way already' })),
  },
  { description: 'The run' },
);

/** A token where RUN_TOKEN is set, else nothing. */
export const runSecurity: { [scheme: string]: string[] }[] = [{ token: [] }, {}];

export const suiteList = Type.Array(
  Type.Object({
    name: Type.String(),
    description: Type.String(),
    area: Type.Optional(Type.Enum([...areas], { description: 'What of a cluster it is about' })),
    steps: Type.Array(Type.String()),
    state,
    slow: Type.Optional(slow),
    last: Type.Optional(
      Type.Object(
        { id: Type.String(), status: verdict, at: instant, durationMs: Type.Number() },
        { description: 'The last run' },
      ),
    ),
    running: Type.Optional(Type.Object({ id: Type.String(), since: instant })),
    nextRun: Type.Union([instant, Type.Null()], { description: 'The next scheduled run' }),
  }),
  { description: 'The suites' },
);

export const runReplies = {
  200: {
    ...runResult,
    description: 'Passed, or unsupported: the cluster does not offer what it is about; any verdict for a CloudEvent',
  },
  202: Type.Object(
    { id: Type.String(), suite: Type.String(), page: Type.String(), result: Type.String() },
    { description: 'Started, with ?wait=false' },
  ),
  204: Type.Null({ description: 'An event of our own came back, or a batch without events: there is nothing to do' }),
  400: { ...errorReply, description: 'The request, or the CloudEvent in it, is malformed' },
  401: { ...errorReply, description: 'A token is required' },
  403: { ...errorReply, description: 'Wrong token, or a cross-site request' },
  404: { ...errorReply, description: 'No such suite; the message lists those there are' },
  409: Type.Object(
    { ...errorReply.properties, holder: Type.String({ description: 'Who runs in the namespace' }) },
    { description: 'Another process runs in the namespace; Retry-After says when to ask again' },
  ),
  413: { ...errorReply, description: 'The body is larger than 1 MB' },
  415: { ...errorReply, description: 'A CloudEvent in another format than JSON' },
  500: { ...runResult, description: 'Failed (the cluster) or errored (this tool, or what was set up for it)' },
  503: { ...errorReply, description: 'Shutting down; Retry-After says when to ask again' },
};

const maintenance = {
  since: instant,
  until: instant,
  by: Type.Enum(['schedule', 'call'], { description: 'MAINTENANCE, or POST /maintenance' }),
  reason: Type.Optional(Type.String()),
};

export const maintenanceReply = Type.Object(
  {
    maintenance: Type.Union([Type.Object(maintenance), Type.Null()], { description: 'The one under way' }),
    next: Type.Union([Type.Object({ since: instant, until: instant }), Type.Null()], { description: 'Of MAINTENANCE' }),
  },
  { description: 'As it is now' },
);

export const healthReply = Type.Object({
  cluster: Type.Optional(cluster),
  maintenance: Type.Optional(
    Type.Object(
      { ...maintenance, wouldBe: Type.Integer({ description: 'What the status code would be without it' }) },
      { description: 'Only during a maintenance; the status code is 200 then' },
    ),
  ),
  status: state,
  since: Type.Optional(instant),
  freshest: Type.Optional(instant),
  suites: Type.Array(
    Type.Object({
      suite: Type.String(),
      remote: Type.Optional(Type.Boolean()),
      state,
      since: Type.Optional(instant),
      lastRun: Type.Optional(
        Type.Object({ id: Type.String(), at: instant, durationMs: Type.Number(), status: Type.String() }),
      ),
      steps: Type.Array(Type.String(), { description: 'Steps that failed or errored in the last run' }),
      slow: Type.Optional(slow),
      staleAfterMs: Type.Optional(Type.Number({ description: 'Of a stale one: how old its newest result may be' })),
    }),
  ),
  headline: Type.Optional(Type.Unknown()),
});

export const updateReply = Type.Object({ result: Type.String() });

const tally = {
  passed: Type.Integer(),
  failed: Type.Integer(),
  errored: Type.Integer({ description: 'Could not judge the cluster: counts neither as good nor as bad' }),
  unsupported: Type.Integer({
    description: 'The cluster does not offer what the suite is about: does not count either',
  }),
  availability: Type.Union([Type.Number(), Type.Null()], {
    description: 'passed of passed and failed, 0 to 1; null where no run could judge',
  }),
};
const ratio = Type.Union([Type.Number(), Type.Null()]);
const level = {
  suite: Type.String(),
  remote: Type.Optional(Type.Boolean()),
  target: Type.Number({ description: 'SLO_TARGET as a ratio' }),
  since: Type.Optional(Type.String({ format: 'date-time', description: 'The end of the first run that counts' })),
  windows: Type.Object({ '24h': Type.Object(tally), '7d': Type.Object(tally), '30d': Type.Object(tally) }),
  budgetLeft: Type.Union([Type.Number(), Type.Null()], {
    description: 'What is left of the failures that the target allows in 30 days: 1 all, 0 none, below 0 overdrawn',
  }),
  burnRate: Type.Object(
    { '1h': ratio, '6h': ratio },
    { description: 'How many times faster than the target allows the budget is spent' },
  ),
};

export const sloReply = Type.Object({ suites: Type.Array(Type.Object(level)) }, { description: 'Every suite' });

export const suiteLevel = Type.Object(
  { ...level, days: Type.Array(Type.Object({ date: Type.String({ format: 'date' }), ...tally })) },
  { description: 'One suite; days: the last 30 in UTC, the oldest first' },
);
