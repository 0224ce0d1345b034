/** The serving process: runner → recorder → sinks, server, schedule, listen, connect; and all of it stopped in order. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import { namespaceOf } from '../config/config.ts';
import type { Config } from '../config/shape.ts';
import { staleAfterMs } from '../config/staleness.ts';
import { headlineOf } from '../diagnosis/headline.ts';
import type { HistoryFile } from '../history-file/history-file.ts';
import { createHealth, healthOfSuite } from '../memory/cluster-health.ts';
import { createStore, type Store, type StoreOptions } from '../memory/store.ts';
import type { RunEvent } from '../model/event.ts';
import { createRecorder } from '../run/recorder.ts';
import { buildApp } from '../server/app.ts';
import { createHeadlineLog, createLogSink } from '../sinks/log.ts';
import { createPrometheus } from '../sinks/prometheus.ts';
import { renderCluster } from '../words/cluster-words.ts';
import { version } from '../words/version.ts';
import { openRunner } from './connect.ts';
import { listen } from './listen.ts';
import { createMaintenance, type MaintenanceWatch } from './maintenance-watch.ts';
import type { Prepared } from './prepared.ts';
import { openNotify, remoteSinks } from './senders.ts';
import { exitInOrder, type Stoppable, stopAll } from './shutdown.ts';
import { createTerminalLog, type TerminalLog } from './terminal-log.ts';

/**
 * Who asks first is answered before the client library is loaded, which holds up everything for a while. A run loads it at once; bad
 * credentials end the process in any case.
 */
const connectAfterMs = 300;

/** Resolves when it listens and knows its cluster; the process then lives until a signal. */
export async function startServer({ config, suites, sandbox }: Prepared): Promise<void> {
  const terminal = process.stdout.isTTY ? createTerminalLog(process.stdout) : undefined;
  const options = { level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const log = terminal ? pino(options, terminal) : pino(options);
  for (const warning of config.warnings) log.warn({ setting: warning.split(/[ :,]/, 1)[0] }, warning);
  // In a pod others reach it: on a machine of one's own the warning would be noise.
  if (config.cluster === 'in-cluster' && config.runToken === undefined)
    log.warn(
      { setting: 'RUN_TOKEN' },
      'RUN_TOKEN is not set: whoever reaches the port may start runs and report results',
    );
  const { timeToReportProblemMs: reportedForMs, sloTarget } = config;
  const history = await openHistory(config, log);
  const maintenance = createMaintenance({
    windows: config.maintenance,
    ...(config.timeZone && { timeZone: config.timeZone }),
    ...(history && { keep: (kept) => history.keep({ kind: 'maintenance', kept }) }),
    ...(history?.remembered?.maintenance && { kept: history.remembered.maintenance }),
  });
  const serves = (suite: string) => suites.some(({ name }) => name === suite);
  const slowAfterMs = (suite: string) => config.slowAfterMs[suite];
  const store = createStore({
    headlineOf,
    reportedForMs,
    sloTarget,
    slowAfterMs,
    inMaintenance: maintenance.covers,
    serves,
    ...keepingOf(history),
  });
  const staleness = stalenessOf(config, suites);
  const health = createHealth(store, suites, staleness, { isScheduled: config.scheduler });
  const headline = () => health().headline;
  const isSlow = (suite: string) => healthOfSuite(health(), suite)?.state === 'slow';
  const logHeadline = createHeadlineLog(log);
  store.subscribe(() => logHeadline(store.headline));
  const { inMaintenance } = store;
  const standing = { staleAfterMs: staleness, isSlow, inMaintenance, maintenanceEnd: () => maintenance.end };
  const prometheus = createPrometheus(headline, {
    version,
    cluster: () => open.cluster().name,
    ...standing,
    suites: suites.map(({ name }) => name),
    reported: () => store.snapshot().reported.map(({ suite }) => suite),
    ...(history && { history: () => history.state }),
  });
  const remote = await remoteSinks({ config, suites }, headline, standing, log);
  const notify = await openNotify(
    config,
    () => store.headline,
    () => open.cluster().name,
    () => maintenance.current !== undefined,
    log,
  );
  // By the store, not as a sink: what other processes report changes the headline as well.
  if (notify) store.subscribe(notify.look);
  announceMaintenance(maintenance, store, log);
  const sinks = [store, prometheus, createLogSink(log), ...remote];
  const recorder = createRecorder(sinks, log);
  const open = openRunner({ config, suites, record: recorder.record });
  const { runner } = open;
  const schedule = config.scheduler
    ? (await import('./schedule.ts')).createSchedule({ suites, runner, config })
    : undefined;

  let isClosing = false;
  const watches: (() => void)[] = [maintenance.close];
  const home = (suite: string) => namespaceOf(config, suite, suites.length);
  const app = await buildApp({
    suites,
    runner,
    store,
    prometheus,
    log,
    health,
    cluster: open.cluster,
    maintenance,
    runToken: config.runToken,
    basePath: config.basePath,
    allowedHosts: config.allowedHosts,
    clusterDomain: config.clusterDomain,
    nextRun: schedule?.nextRun,
    namespaceOf: home,
    sandbox: sandbox && {
      list: async () => sandbox.faults.list(),
      set: async (name, on) => sandbox.faults.set(name, { on }),
    },
    isClosing: () => isClosing,
  });
  if (schedule) await app.register(schedule.plugin);

  const parts: readonly Stoppable[] = [
    { name: 'runs', limitMs: 22_000 + config.shutdownGraceMs, stop: () => runner.close(config.shutdownGraceMs) },
    { name: 'metrics and notices', limitMs: 5_500, stop: () => Promise.all([recorder.close(), notify?.close()]) },
    { name: 'history', limitMs: 3_500, stop: async () => history?.close() },
    { name: 'server', limitMs: 2_000, stop: () => app.close() },
    { name: 'cluster connections', limitMs: 1_000, stop: open.close },
    { name: 'sandbox', limitMs: 1_000, stop: async () => sandbox?.close() },
  ];
  const onBegin = () => {
    isClosing = true;
    for (const stop of watches) stop();
  };
  exitInOrder(parts, log, onBegin, config.shutdownGraceMs);
  try {
    announce(await listen(app, config), { config, suites, sandbox }, log, terminal);
    await pause(connectAfterMs);
    await open.connect();
    await open.identified();
    const tested = open.cluster();
    log.info({ cluster: tested }, `Connected to ${renderCluster(tested)}`);
    if (schedule) {
      const { watchOwnSchedule } = await import('../late/own-schedule.ts');
      const { eventTimeoutMs } = config;
      const { record } = recorder;
      watches.push(watchOwnSchedule({ suites, schedule, runner, store, namespaceOf: home, eventTimeoutMs, record }));
    }
    if (config.plan === 'knative') {
      const { watchLateStarts } = await import('../late/late-start.ts');
      const { clusterDomain } = config;
      const record = (event: RunEvent) => {
        for (const sink of sinks) if (sink !== store) sink.record(event);
      };
      const cluster = await open.connected();
      watches.push(watchLateStarts({ cluster, identity: open.cluster, store, clusterDomain, record, log }));
    }
  } catch (error) {
    await stopAll(parts, log);
    throw error;
  }
}

async function openHistory({ historyFile }: Config, log: Logger): Promise<HistoryFile | undefined> {
  if (historyFile === undefined) return undefined;
  const { openHistoryFile } = await import('../history-file/history-file.ts');
  return openHistoryFile(historyFile, { log });
}

function keepingOf(history: HistoryFile | undefined): Pick<StoreOptions, 'remembered' | 'keep'> {
  return history ? { keep: history.keep, ...(history.remembered && { remembered: history.remembered }) } : {};
}

/** Asked at every look: reckoned once. */
function stalenessOf(config: Config, suites: Prepared['suites']): (suite: string) => number {
  const known = new Map(suites.map((suite) => [suite.name, staleAfterMs(config, suite)]));
  return (suite) => known.get(suite) ?? config.timeToReportProblemMs;
}

/** In the log, to whoever looks at the page, and by the store to who is told of what is broken. */
function announceMaintenance(maintenance: MaintenanceWatch, store: Store, log: Logger): void {
  const say = () => {
    const now = maintenance.current;
    log.info(now ?? {}, now ? `Maintenance until ${now.until}: nothing alerts` : 'The maintenance is over');
  };
  if (maintenance.current) say();
  maintenance.subscribe(() => {
    say();
    store.recordMaintenance();
  });
}

/** One line with the URL to open: in the log, and in sight where a person looks on. */
function announce(url: string, { config, suites, sandbox }: Prepared, log: Logger, terminal?: TerminalLog): void {
  const cluster = sandbox
    ? 'the sandbox, an embedded cluster (KUBECONFIG chooses another)'
    : config.kubeconfig
      ? `the cluster of ${config.kubeconfig}`
      : 'the cluster of this pod';
  const text = `Testing ${cluster} with ${suites.length === 1 ? `suite ${suites[0]?.name}` : `${suites.length} suites`}: open ${url}`;
  const kubeconfig = sandbox?.kubeconfigPath;
  log.info({ url, ...(kubeconfig && { kubeconfig }) }, text);
  const forKubectl = kubeconfig ? [`  export KUBECONFIG=${kubeconfig}    for kubectl in another terminal`] : [];
  if (terminal) terminal.keep(['', `  ${url}    Ctrl-C ends it`, ...forKubectl]);
  else if (process.stderr.isTTY) process.stderr.write(`\n  ${[text, ...forKubectl].join('\n')}\n\n`);
}
