import type { Environment } from '../config/config.ts';

/**
 * A serving process lives long and allocates in bursts: by V8's own measure its young generation alone grows by a hundred megabytes. Sandbox
 * and ten suites back to back: 400 MB resident with V8's defaults, 195 MB with these (bench/sandbox-memory.ts).
 */
const leanHeap: readonly string[] = ['--max-semi-space-size=4', '--heap-growing-percent=20'];

/**
 * glibc gives every thread that allocates an arena of its own, and what is freed there stays: 26 MB of 195 after 3,400 runs, and growing.
 * Source: mallopt(3), M_ARENA_MAX.
 */
const mostArenas = '1';

/** Starts this program anew in this very process, with a lean heap; returns where it has one already, or somebody chose another. */
export function startWithLeanHeap(env: Environment): void {
  const { execPath, execArgv, argv } = process;
  const isChosen = /semi-space|heap-growing/.test([...execArgv, env.NODE_OPTIONS].join(' '));
  if ((isChosen && env.MALLOC_ARENA_MAX) || !process.execve || process.platform === 'win32') return;
  const flags = isChosen ? [] : leanHeap;
  const arenas = env.MALLOC_ARENA_MAX || mostArenas;
  process.execve(execPath, [execPath, ...flags, ...execArgv, ...argv.slice(1)], { ...env, MALLOC_ARENA_MAX: arenas });
}
