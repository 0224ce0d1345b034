/** `kube-e2etests run`: the suites once, as progress for people, and as JSON and JUnit for programs. */
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { RunResult } from '../model/result.ts';
import { renderCluster } from '../words/cluster-words.ts';
import { headed } from './headed.ts';
import { junitOf } from './junit.ts';
import { createProgress } from './progress.ts';
import { prepareAsTyped } from './run-environment.ts';
import { runOnce } from './run-once.ts';
import { summaryOf } from './summary.ts';
import { type RunCommand, UsageError } from './usage.ts';

/** Whoever waits at a terminal hears within 5 s that nobody answers. */
const firstContactMs = 3_500;

/** Runs the suites once. Returns the exit code. Throws a UsageError, ConfigError or SuitesError. */
export async function run(command: RunCommand): Promise<number> {
  const [prepared, { openRunner }] = await Promise.all([prepareAsTyped(command), import('../process/connect.ts')]);
  const { config, suites, sandbox, oneNamespace } = prepared;
  const saveJunit = (results: readonly RunResult[]) => {
    if (command.junit !== undefined) writeJunit(command.junit, junitOf(suites, results));
  };
  try {
    // A file that cannot be written is told before anything is tested; and whoever kills us finds that nothing was run.
    saveJunit([]);
  } catch (error) {
    await sandbox?.close();
    throw error;
  }
  for (const warning of config.warnings) process.stderr.write(`kube-e2etests: ${warning}\n`);
  const isWatched = !command.json || process.stderr.isTTY;
  const identified = Promise.withResolvers<void>();
  const progress = headed(
    createProgress(
      isWatched ? (command.json ? process.stderr : process.stdout) : { write: () => true },
      config.slowAfterMs,
    ),
    identified.promise,
    () => `Testing ${renderCluster(open.cluster())}${sandbox ? ', an embedded cluster' : ''}`,
  );
  const open = openRunner({ config: { ...config, firstContactMs }, suites, record: progress.record, oneNamespace });
  const stop = new AbortController();
  const end = (why: string) => {
    progress.say(why);
    stop.abort();
    void open.runner.close();
  };
  const forgetSignals = onSignals(() => end('Stopping and cleaning up; press Ctrl-C again to leave at once'));
  const { timeoutMs, failFast } = command;
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => end('The time of --timeout is over. Stopping and cleaning up'), timeoutMs);
  try {
    await open.connect();
    void open.identified().then(identified.resolve);
    const onResult = (result: RunResult) => {
      if (command.json === 'stream') process.stdout.write(`${JSON.stringify(result)}\n`);
    };
    const parts = { suites, runner: open.runner, progress, stop: stop.signal, failFast, onResult };
    const { results, exitCode } = await runOnce(parts);
    if (suites.length > 1) progress.heading(summaryOf(suites, results));
    if (command.json === 'document') process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
    saveJunit(results);
    return exitCode;
  } finally {
    clearTimeout(timer);
    forgetSignals();
    await progress.close();
    await open.close();
    await sandbox?.close();
  }
}

function writeJunit(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UsageError(`--junit ${path} cannot be written: ${(error as Error).message}`);
  }
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
