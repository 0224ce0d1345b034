#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { constants } from 'node:os';
import { ConfigError, defaultNamespace, type Environment, environment, readConfig } from '../config/config.ts';
import { Defect } from '../defects.ts';
import { startWithLeanHeap } from '../process/lean-heap.ts';
import { renderCluster } from '../words/cluster-words.ts';
import { version } from '../words/version.ts';
import { headed } from './headed.ts';
import { createProgress } from './progress.ts';
import { runOnce } from './run-once.ts';
import { summaryOf } from './summary.ts';
import { type Command, parseCommand, type RunCommand, usage } from './usage.ts';

/** Errors with a message for whoever typed the command; anything else is a defect and shows its stack. */
const explained = ['UsageError', 'ConfigError', 'SuitesError', 'ListenError'];

/** Whoever waits at a terminal hears within 5 s that nobody answers. */
const firstContactMs = 3_500;

const flagOf: Readonly<Record<string, string>> = {
  SUITES: '<suite>',
  TEST_REPLICAS: '--replicas',
  TEST_NAMESPACE: '--namespace',
};

// Kept in the system's temporary folder; where that cannot be written, nothing is kept.
enableCompileCache();

const unwritable = watchOutput();

try {
  process.exitCode = await execute(parseCommand(process.argv.slice(2)));
} catch (error) {
  const known = error instanceof Defect || (error instanceof Error && explained.includes(error.name));
  process.stderr.write(
    `kube-e2etests: ${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 2;
}
if (unwritable.error) {
  process.stderr.write(`kube-e2etests: cannot write the output: ${unwritable.error.message}\n`);
  process.exitCode = 2;
}

async function execute(command: Command): Promise<number> {
  switch (command.name) {
    case 'help':
      process.stdout.write(usage);
      return 0;
    case 'version':
      process.stdout.write(`${version}\n`);
      return 0;
    case 'list':
      return list(command.json);
    case 'run':
      return run(command);
    case 'manifests': {
      const { manifestsText } = await import('./manifests.ts');
      process.stdout.write(await manifestsText(command));
      return 0;
    }
    case 'serve': {
      startWithLeanHeap(environment());
      const { serve } = await import('../process/main.ts');
      await serve(environment());
      return 0;
    }
    case 'sandbox': {
      const { runSandbox } = await import('../../sandbox/main.ts');
      return runSandbox(command.argv);
    }
  }
}

async function list(json: boolean): Promise<number> {
  const { loadSuites } = await import('../run/registry.ts');
  // Which cluster does not matter here.
  const { functionsDir, replicas, dnsQueryName } = readConfig({ ...environment(), CLUSTER: 'sandbox' });
  const settings = { replicas, dnsQueryName };
  const loaded = await loadSuites({ functionsDir, settings, group: 'all' });
  const suites = loaded.map(({ name, description, area, byDefault = true, steps, uses }) => ({
    name,
    description,
    area,
    byDefault,
    steps,
    uses: uses.map(({ how, kind: { apiVersion, kind }, besides }) => ({ how, kind, apiVersion, besides })),
  }));
  const width = Math.max(...suites.map(({ name }) => name.length));
  const lines = suites.map(
    ({ name, description, byDefault }) =>
      `${name.padEnd(width)}  ${description}${byDefault ? '' : '; only where it is named'}`,
  );
  process.stdout.write(`${json ? JSON.stringify(suites, null, 2) : lines.join('\n')}\n`);
  return 0;
}

async function run(command: RunCommand): Promise<number> {
  const [{ prepare }, { openRunner }] = await Promise.all([
    import('../process/main.ts'),
    import('../process/connect.ts'),
  ]);
  const oneNamespace = command.namespace !== undefined;
  const rules = { sandbox: 'when asked', oneNamespace } as const;
  const { config, suites, sandbox } = await prepare(environmentOf(command), rules).catch(inFlags(command));
  for (const warning of config.warnings) process.stderr.write(`kube-e2etests: ${warning}\n`);
  const isWatched = !command.json || process.stderr.isTTY;
  const identified = Promise.withResolvers<void>();
  const progress = headed(
    createProgress(isWatched ? (command.json ? process.stderr : process.stdout) : { write: () => true }),
    identified.promise,
    () => `Testing ${renderCluster(open.cluster())}${sandbox ? ', an embedded cluster' : ''}`,
  );
  const open = openRunner({ config: { ...config, firstContactMs }, suites, record: progress.record, oneNamespace });
  const stop = new AbortController();
  const forgetSignals = onSignals(() => {
    progress.say('Stopping and cleaning up; press Ctrl-C again to leave at once');
    stop.abort();
    void open.runner.close();
  });
  try {
    await open.connect();
    void open.identified().then(identified.resolve);
    const { results, exitCode } = await runOnce({ suites, runner: open.runner, progress, stop: stop.signal });
    if (suites.length > 1) progress.heading(summaryOf(suites, results));
    if (command.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
    return exitCode;
  } finally {
    forgetSignals();
    await progress.close();
    await open.close();
    await sandbox?.close();
  }
}

function environmentOf({ suites, replicas, namespace, sandbox }: RunCommand): Environment {
  return {
    ...environment(),
    ...(sandbox && { CLUSTER: 'sandbox' }),
    ...(suites.length > 0 && { SUITES: suites.join(',') }),
    ...(replicas !== undefined && { TEST_REPLICAS: replicas }),
    TEST_NAMESPACE: namespace ?? ofEachSuite(environment().TEST_NAMESPACE),
  };
}

/** A suite works in the same namespace whether it is run alone or with others, and as in a process that serves them all. */
function ofEachSuite(testNamespace = ''): string {
  const name = testNamespace.trim() || defaultNamespace;
  return name.includes('{suite}') ? name : `${name}-{suite}`;
}

/** Problems with what was typed are named by what was typed. */
function inFlags(command: RunCommand): (error: unknown) => never {
  const typed = new Set([
    command.suites.length > 0 && 'SUITES',
    command.replicas !== undefined && 'TEST_REPLICAS',
    command.namespace !== undefined && 'TEST_NAMESPACE',
  ]);
  return (error) => {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      error.problems.map((problem) =>
        typed.has(problem.key) ? { ...problem, key: flagOf[problem.key] ?? problem.key } : problem,
      ),
    );
  };
}

/** Whoever reads the output may go away, as head does: the run goes on to its end, and cleans up. */
function watchOutput(): { readonly error?: Error } {
  const seen: { error?: Error } = {};
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') seen.error ??= error;
    });
  }
  return seen;
}

/** The second signal ends the process as the first would have without us. */
function onSignals(stop: () => void): () => void {
  let asked = false;
  const heard = (signal: NodeJS.Signals) => {
    if (asked) process.exit(128 + constants.signals[signal]);
    asked = true;
    stop();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, heard);
  return () => {
    for (const signal of signals) process.off(signal, heard);
  };
}
