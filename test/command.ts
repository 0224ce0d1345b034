/** The product's command line as a process of its own, with no settings but those given. */
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CommandResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly ms: number;
}

/** `kube-e2etests <words>` as a process with these settings alone; killed after a minute. */
export function runCommand(words: readonly string[], env: Readonly<Record<string, string>>): Promise<CommandResult> {
  const cli = join(import.meta.dirname, '../runtime/cli/cli.ts');
  const began = performance.now();
  const child = spawn(process.execPath, [cli, ...words], {
    env: { PATH: process.env.PATH, HOME: tmpdir(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve) =>
    child.once('close', (code) => resolve({ code, out, err, ms: performance.now() - began })),
  );
}
