#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { environment, readConfig } from '../config/config.ts';
import { Defect } from '../defects.ts';
import { startWithLeanHeap } from '../process/lean-heap.ts';
import { version } from '../words/version.ts';
import { type Command, parseCommand, usage } from './usage.ts';

/** Errors with a message for whoever typed the command; anything else is a defect and shows its stack. */
const explained = ['UsageError', 'ConfigError', 'SuitesError', 'ListenError'];

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
      return (await import('./run-command.ts')).run(command);
    case 'doctor':
      return (await import('./doctor.ts')).doctor(command);
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
    case 'completion': {
      const { completionOf } = await import('./completion.ts');
      const { findSuites } = await import('../run/registry.ts');
      const suites = [...findSuites(environment().FUNCTIONS_DIR?.trim() || undefined).keys()];
      process.stdout.write(completionOf(command.shell, suites));
      return 0;
    }
    case 'agent': {
      const { runAgent } = await import('../../agent/main.ts');
      return runAgent(environment());
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
