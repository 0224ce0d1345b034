import type { Environment } from '../config/config.ts';

/**
 * A serving process lives long and allocates in bursts: by V8's own measure its young generation alone grows by a hundred megabytes. Sandbox
 * and ten suites back to back: 400 MB resident with V8's defaults, 200 MB with these (bench/sandbox-memory.ts).
 */
const leanHeap: readonly string[] = ['--max-semi-space-size=4', '--heap-growing-percent=30'];

/** Starts this program anew in this very process, with a lean heap; returns where it has one already, or somebody chose another. */
export function startWithLeanHeap({ NODE_OPTIONS = '' }: Environment): void {
  const chosen = [...process.execArgv, NODE_OPTIONS].join(' ');
  if (/semi-space|heap-growing/.test(chosen) || !process.execve || process.platform === 'win32') return;
  const { execPath, execArgv, argv } = process;
  process.execve(execPath, [execPath, ...leanHeap, ...execArgv, ...argv.slice(1)]);
}
