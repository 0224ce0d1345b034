import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Headline } from '../../runtime/model/diagnosis.ts';
import type { Measurement } from '../../runtime/model/measurement.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import { diagnosisSamples, metrics, samplesOf } from '../../runtime/sinks/metric-catalogue.ts';
import { createPrometheus } from '../../runtime/sinks/prometheus.ts';
import { createStatsd } from '../../runtime/sinks/statsd.ts';
import { createDaemonCheck } from '../../runtime/sinks/statsd-daemon.ts';
import { createLookup } from '../../runtime/sinks/statsd-lookup.ts';
import { aFinding, aRun, aStep, play } from '../results.ts';
import { freeUdpPort, type Received, startStatsd } from './statsd-daemon.ts';

const headline = { component: 'scheduler', suites: ['http_update'] } as unknown as Headline;

/** A run with every measurement there is, and findings with and without an object. */
const everything: RunResult = aRun('http_update', {
  namespace: 'kube.e2e:tests|x',
  status: 'failed',
  durationMs: 2_500,
  steps: [
    aStep('Create Deployment', 'passed', {
      measurements: [
        ...(['create', 'update', 'scale', 'delete'] as const).map((action) => timed('deployment', action)),
        ...(['schedule', 'run', 'http_get'] as const).map((action) => timed('pod', action)),
        timed('service', 'reachable'),
        { kind: 'http', resource: 'pod', result: '200' },
        { kind: 'http', resource: 'service', result: 'wrong_response' },
        { kind: 'dns', result: 'healthy' },
      ],
    }),
    aStep('Resolve', 'failed', {
      findings: [
        aFinding({ code: 'k8s.pod_failed', count: 3, object: { kind: 'pod', name: 'web-1' } }),
        aFinding({ code: 'dns.timeout' }),
      ],
    }),
  ],
});

function timed(resource: string, action: Extract<Measurement, { kind: 'action' }>['action']): Measurement {
  return { kind: 'action', resource, action, durationMs: 12.5 };
}

const ns = 'kubee2etestsx';
const timers = {
  ...Object.fromEntries(
    ['create', 'update', 'scale', 'delete'].map((action) => [`e2etest.action.${ns}.deployment.${action}`, [12.5]]),
  ),
  ...Object.fromEntries(
    ['schedule', 'run', 'http_get'].map((action) => [`e2etest.action.${ns}.pod.${action}`, [12.5]]),
  ),
  [`e2etest.action.${ns}.service.reachable`]: [12.5],
  'e2etest.run_duration.http_update': [2_500],
};
const counters = {
  [`e2etest.http.${ns}.pod.200`]: 1,
  [`e2etest.http.${ns}.service.wrong_response`]: 1,
  [`e2etest.errors.${ns}.pod.k8s.pod_failed`]: 3,
  [`e2etest.errors.${ns}.dns.dns.timeout`]: 1,
  'e2etest.dns.healthy': 1,
  'e2etest.run.http_update.failed': 1,
};

function ours<T>(received: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(received).filter(([name]) => name.startsWith('e2etest.')));
}

function aLog() {
  const lines: string[] = [];
  return { lines, warn: (_: object, message: string) => void lines.push(message) };
}

test('every name of the catalogue reaches the real statsd daemon, well-formed and with the right type', async (t) => {
  const daemon = await startStatsd(t);
  const log = aLog();
  const sink = createStatsd({
    host: 'localhost',
    port: daemon.port,
    headline: () => headline,
    suites: ['http_update', 'dns'],
    isSlow: (suite) => suite === 'http_update',
    maintenanceEnd: () => 1_800_000_000_000,
    log,
  });
  play(sink, everything);
  await sink.close?.();
  const received = await daemon.until((got: Received) => 'e2etest.diagnosis.http_update.unknown' in got.gauges);
  const counted = Object.entries(ours(received.counters)).filter(([, value]) => value !== 0);
  assert.deepEqual(Object.fromEntries(counted), counters);
  assert.equal(received.counters['e2etest.run.dns.failed'], 0);
  assert.deepEqual(ours(received.timers), timers);
  const gauges = ours(received.gauges);
  assert.equal(Object.keys(gauges).length, 26);
  assert.equal(gauges['e2etest.stale_after.http_update'], 1_200);
  assert.equal(gauges['e2etest.suite_slow.http_update'], 1);
  assert.equal(gauges['e2etest.maintenance_until.http_update'], 1_800_000_000);
  assert.deepEqual(
    Object.entries(gauges).filter(([name, value]) => value !== 0 && name.startsWith('e2etest.diagnosis.')),
    [['e2etest.diagnosis.http_update.scheduler', 1]],
  );
  assert.equal(received.counters['statsd.bad_lines_seen'], 0);
  assert.deepEqual(log.lines, []);
  const sent = new Set(Object.keys({ ...counters, ...timers, ...gauges }).map((name) => name.split('.')[1]));
  assert.deepEqual([...sent].sort(), Object.keys(metrics).sort());
});

test('a run of a thousand figures arrives whole', async (t) => {
  const daemon = await startStatsd(t);
  const sink = createStatsd({
    host: '127.0.0.1',
    port: daemon.port,
    headline: () => undefined,
    suites: [],
    log: aLog(),
  });
  const measurements = Array.from({ length: 1_000 }, (): Measurement => ({ kind: 'dns', result: 'healthy' }));
  play(sink, aRun('dns', { steps: [aStep('Resolve', 'passed', { measurements })] }));
  await sink.close?.();
  const received = await daemon.until(({ counters }) => counters['e2etest.run.dns.passed'] === 1);
  assert.equal(received.counters['e2etest.dns.healthy'], 1_000);
});

test('a daemon that is down costs one warning and nothing else', async () => {
  const warned = Promise.withResolvers<string>();
  const lines: string[] = [];
  const log = {
    warn(_: object, message: string) {
      lines.push(message);
      warned.resolve(message);
    },
  };
  const port = await freeUdpPort();
  const sink = createStatsd({ host: '127.0.0.1', port, headline: () => undefined, suites: [], log });
  play(sink, everything);
  assert.match(await warned.promise, /^Metrics do not reach statsd at 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  play(sink, everything);
  await sink.close?.();
  assert.equal(lines.length, 1);
});

test('a host that does not resolve costs one warning and nothing else', async () => {
  const log = aLog();
  const sink = createStatsd({ host: 'statsd.invalid', port: 8125, headline: () => undefined, suites: [], log });
  play(sink, everything, everything);
  await sink.close?.();
  assert.equal(log.lines.length, 1);
  assert.match(log.lines[0]!, /^Metrics do not reach statsd at statsd\.invalid:8125: .*statsd\.invalid/);
});

test('a name is looked up once for all who wait, and an answer or a failure is remembered', () => {
  const asked: ((error: Error | null, address: string, family: number) => void)[] = [];
  const lookup = createLookup((_name, _family, callback) => void asked.push(callback));
  const heard: string[] = [];
  for (const who of ['a', 'b']) lookup('statsd.test', 4, (_error, address) => heard.push(`${who} ${address}`));
  assert.equal(asked.length, 1);
  asked[0]!(null, '192.0.2.1', 4);
  lookup('statsd.test', 4, (_error, address) => heard.push(`c ${address}`));
  lookup('192.0.2.9', 4, (_error, address) => heard.push(`d ${address}`));
  assert.deepEqual([asked.length, heard], [1, ['a 192.0.2.1', 'b 192.0.2.1', 'c 192.0.2.1', 'd 192.0.2.9']]);
});

test('a name server that is late for a moment costs no figures; one that stays away is asked no more for a while', async () => {
  let asked = 0;
  const failing = (answers: number) =>
    createLookup(
      (_name, _family, callback) => {
        asked += 1;
        if (asked > answers) callback(null, '192.0.2.9', 4);
        else callback(new Error('EAI_AGAIN'), '', 4);
      },
      [1, 1, 1],
    );
  const answerOf = (lookup: ReturnType<typeof createLookup>) =>
    new Promise<string>((done) => lookup('statsd.test', 4, (error, address) => done(error?.message ?? address)));
  assert.equal(await answerOf(failing(3)), '192.0.2.9');
  assert.equal(asked, 4);
  asked = 0;
  const away = failing(Number.POSITIVE_INFINITY);
  assert.equal(await answerOf(away), 'EAI_AGAIN');
  assert.equal(await answerOf(away), 'EAI_AGAIN');
  assert.equal(asked, 4);
});

test('a name that takes longer than an answer may does not hide that nobody listens there', {
  timeout: 10_000,
}, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const port = await freeUdpPort();
  const down = await new Promise<string>((onDown) => {
    const check = createDaemonCheck({
      host: 'statsd.test',
      port,
      onDown,
      lookup(name, _family, callback) {
        if (name === 'statsd.test') t.mock.timers.tick(3_250);
        callback(null, '127.0.0.1', 4);
      },
    });
    check();
  });
  assert.match(down, /ECONNREFUSED/);
});

test('/metrics holds the same figures, under the names and labels of the statsd_exporter mapping', async () => {
  const prometheus = createPrometheus(() => headline);
  play(prometheus, everything);
  const text = await prometheus.text();
  const lines = [
    `e2etest_action_duration_seconds_sum{target_namespace="${ns}",resource="deployment",action="scale"} 0.0125`,
    `e2etest_action_duration_seconds_bucket{le="0.025",target_namespace="${ns}",resource="pod",action="run"} 1`,
    `e2etest_action_duration_seconds_bucket{le="0.01",target_namespace="${ns}",resource="pod",action="run"} 0`,
    `e2etest_http_requests_total{target_namespace="${ns}",resource="service",result="wrong_response"} 1`,
    `e2etest_errors_total{target_namespace="${ns}",resource="pod",area="k8s",error="pod_failed"} 3`,
    'e2etest_dns_lookups_total{result="healthy"} 1',
    'e2etest_runs_total{suite="http_update",status="failed"} 1',
    'e2etest_run_duration_seconds_sum{suite="http_update"} 2.5',
    'e2etest_suite_state{suite="http_update",state="failed"} 1',
    'e2etest_suite_state{suite="http_update",state="passed"} 0',
    'e2etest_diagnosis{suite="http_update",component="scheduler"} 1',
    'e2etest_diagnosis{suite="http_update",component="kubelet"} 0',
  ];
  for (const line of lines) assert.ok(text.split('\n').includes(line), line);
});

test('counters that can be named begin at 0, so that the first red run is an increase', async () => {
  const build = { version: '1', cluster: () => 'c', suites: ['dns'] };
  const lines = (await createPrometheus(() => undefined, build).text()).split('\n');
  for (const line of [
    'e2etest_runs_total{suite="dns",status="failed"} 0',
    'e2etest_dns_lookups_total{result="timeout"} 0',
  ])
    assert.ok(lines.includes(line), line);
});

test('of several processes that name what is broken, each does so of its own suites', () => {
  const seen = new Map<string, number>();
  const sends = (suite: string, component: string) => {
    const headline = { component, suites: [suite] } as unknown as Headline;
    for (const { parts, value } of diagnosisSamples(suite, headline)) seen.set(parts.join(' '), value);
  };
  sends('http', 'kube-proxy');
  sends('dns', 'dns');
  const broken = [...seen].flatMap(([parts, value]) => (value === 1 ? [parts] : []));
  assert.deepEqual(broken, ['http kube-proxy', 'dns dns']);
});

test('/metrics says which version tests which cluster, under the name the cluster has by now', async () => {
  let name = 'unknown';
  const prometheus = createPrometheus(() => undefined, { version: '1.2.3', cluster: () => name, suites: [] });
  const infos = async () =>
    (await prometheus.text()).split('\n').filter((line) => line.startsWith('e2etest_build_info'));
  assert.deepEqual(await infos(), ['e2etest_build_info{version="1.2.3",cluster="unknown"} 1']);
  name = 'prod';
  assert.deepEqual(await infos(), ['e2etest_build_info{version="1.2.3",cluster="prod"} 1']);
});

test('every metric has a label for each part of its name', () => {
  for (const metric of Object.values(metrics)) assert.equal(metric.parts.length, metric.prometheus.labels.length);
  for (const event of [aStep('a')].map((step) => ({ type: 'step-finished', namespace: '', step }) as never)) {
    const [sample] = samplesOf(event, () => undefined);
    assert.deepEqual(sample?.parts, ['none', 'deployment', 'create']);
  }
});
