/** The product as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { settingsFor } from './drive.ts';

const source = join(import.meta.dirname, '../../runtime/cli/cli.ts');

export interface Product {
  readonly pid: number;
  /** Resolves when stdout or stderr has shown the text; rejects when the process ends before. */
  shows(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and waits. */
  end(): Promise<unknown>;
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly output: string;
}

/** `kube-e2etests <words>` with TEST_NAMESPACE `prefix`; `entry` is the file to run, the source by default. */
export function startProduct(
  words: readonly string[],
  prefix: string,
  env: Record<string, string> = {},
  entry = source,
): Product {
  const child: ChildProcess = spawn(process.execPath, [entry, ...words], {
    env: { ...process.env, ...settingsFor({ prefix, env }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const look of [...waiting]) look();
    });
  }
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 0)),
  );
  return {
    pid: child.pid ?? 0,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!output.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void ended.then((how) => reject(new Error(`Ended with ${how} before it showed ${text}:\n${output}`)));
      }),
    kill: (signal) => void child.kill(signal),
    end: () => {
      child.kill('SIGTERM');
      return ended;
    },
    ended,
    get output() {
      return output;
    },
  };
}

/** `kube-e2etests serve` without a schedule; resolves when it answers. */
export async function serveProduct(
  prefix: string,
  env: Record<string, string>,
  entry = source,
): Promise<Product & { url: string }> {
  const port = await freePort();
  const place = { SCHEDULER: 'off', HOST: '127.0.0.1', PORT: String(port) };
  const product = startProduct(['serve'], prefix, { ...place, ...env }, entry);
  const url = `http://127.0.0.1:${port}`;
  let over = false;
  void product.ended.then(() => {
    over = true;
  });
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return Object.assign(product, { url });
    if (over) throw new Error(`serve ended with ${await product.ended}:\n${product.output}`);
    await pause(50);
  }
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
