/**
 * HISTORY_FILE: memory over restarts. Written behind, in batches, by a thread of its own; a run never waits for it. What cannot be written waits
 * for a while, and is then given up and counted. At most the last second before a process is killed is missing.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Change, Remembered } from '../memory/kept.ts';

export type Order = { readonly type: 'write'; readonly changes: readonly Change[] } | { readonly type: 'close' };

export type Answer =
  | { readonly type: 'opened'; readonly remembered: Remembered; readonly problem?: string }
  | { readonly type: 'refused'; readonly problem: string }
  | { readonly type: 'written' }
  | { readonly type: 'unwritten'; readonly problem: string; readonly isPassing: boolean };

export interface HistoryState {
  readonly isWritable: boolean;
  /** Changes that are not in the file yet. */
  readonly waiting: number;
  /** Changes that were given up. */
  readonly lost: number;
}

export interface HistoryFile {
  /** Unset where the file cannot be read. */
  readonly remembered?: Remembered;
  readonly state: HistoryState;
  /** Takes the change and returns at once. */
  keep(change: Change): void;
  /** Writes what waits, within the limit. Never rejects. */
  close(): Promise<void>;
}

export interface HistoryLog {
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

export interface HistoryOptions {
  readonly log: HistoryLog;
  /** How long reading it may take. Then the process begins without it. Default 20,000 ms. */
  readonly openWithinMs?: number;
  /** Default 1,500 ms. */
  readonly closeWithinMs?: number;
  /** How long a change waits for others. Default 500 ms. */
  readonly batchMs?: number;
  /** When what could not be written is tried again. Default 10,000 ms. */
  readonly retryMs?: number;
  /** Changes that wait at most; of more the oldest are given up. Default 500. */
  readonly mostWaiting?: number;
}

/** Never rejects: a file that cannot be used is said in the log, and the process goes on in memory. */
export async function openHistoryFile(path: string, options: HistoryOptions): Promise<HistoryFile> {
  const { log, openWithinMs = 20_000 } = options;
  const worker = startWorker(path);
  const answer = await opened(worker, openWithinMs);
  if (answer.type !== 'opened') {
    log.warn({ setting: 'HISTORY_FILE' }, `HISTORY_FILE ${path}: ${answer.problem}. ${without}`);
    void worker.terminate();
    return { state: { isWritable: false, waiting: 0, lost: 0 }, keep: () => {}, close: async () => {} };
  }
  return writer(worker, path, options, answer);
}

const without = 'This process goes on without it, in memory, until it is started again';

function startWorker(path: string): Worker {
  const file = extname(import.meta.url) === '.ts' ? './history-worker.ts' : './history-worker.js';
  return new Worker(new URL(file, import.meta.url), { workerData: path, name: 'history' });
}

async function opened(worker: Worker, withinMs: number): Promise<Extract<Answer, { type: 'opened' | 'refused' }>> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const refuse = (problem: string) => resolve({ type: 'refused', problem });
  const timer = setTimeout(() => refuse(`it was not read within ${withinMs / 1000} s`), withinMs);
  worker.once('message', resolve);
  worker.once('error', ({ message }) => refuse(message));
  worker.once('exit', () => refuse('its thread has ended'));
  const answer = await promise;
  clearTimeout(timer);
  worker.removeAllListeners('exit');
  worker.removeAllListeners('error');
  worker.on('error', () => {});
  worker.unref();
  return answer as Extract<Answer, { type: 'opened' | 'refused' }>;
}

function writer(
  worker: Worker,
  path: string,
  { log, closeWithinMs = 1_500, batchMs = 500, retryMs = 10_000, mostWaiting = 500 }: HistoryOptions,
  { remembered, problem: problemAtFirst }: Extract<Answer, { type: 'opened' }>,
): HistoryFile {
  let waiting = new Map<string, Change>();
  let sent: ReadonlyMap<string, Change> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let problem: string | undefined;
  let lost = 0;
  let isOver = false;
  /** Resolves when nothing waits, or nothing more can be written. */
  let idle: PromiseWithResolvers<void> | undefined;

  function say(now: string | undefined): void {
    if (now !== undefined && problem === undefined)
      log.warn({ setting: 'HISTORY_FILE' }, `HISTORY_FILE ${path}: ${now}. ${isOver ? without : waits}`);
    if (now === undefined && problem !== undefined)
      log.info({ setting: 'HISTORY_FILE', lost }, `HISTORY_FILE ${path} is written again; ${lost} changes were lost`);
    problem = now;
  }
  const waits = `Results stay in memory; the last ${mostWaiting} changes wait for it`;

  function bound(): void {
    for (const key of waiting.keys()) {
      if (waiting.size <= mostWaiting) return;
      waiting.delete(key);
      lost += 1;
    }
  }

  function later(): void {
    timer ??= setTimeout(send, problem === undefined ? batchMs : retryMs).unref();
  }

  function send(): void {
    clearTimeout(timer);
    timer = undefined;
    if (sent || waiting.size === 0) return;
    sent = waiting;
    waiting = new Map();
    worker.postMessage({ type: 'write', changes: [...sent.values()] } satisfies Order);
  }

  worker.on('message', (answer: Answer) => {
    const batch = sent ?? new Map<string, Change>();
    sent = undefined;
    if (answer.type === 'unwritten') {
      // What has changed meanwhile takes the place of what was to be written.
      if (answer.isPassing) waiting = new Map([...batch, ...waiting]);
      else lost += batch.size;
      bound();
      say(answer.problem);
      idle?.resolve();
    } else say(undefined);
    if (waiting.size === 0) idle?.resolve();
    else if (idle) send();
    else later();
  });
  worker.on('exit', () => {
    if (isOver) return;
    isOver = true;
    say('its thread has ended');
    idle?.resolve();
  });
  say(problemAtFirst);

  return {
    remembered,
    get state() {
      return { isWritable: problem === undefined && !isOver, waiting: waiting.size + (sent?.size ?? 0), lost };
    },
    keep(change) {
      if (isOver) {
        lost += 1;
        return;
      }
      const key = keyOf(change);
      waiting.delete(key);
      waiting.set(key, change);
      bound();
      later();
    },
    async close() {
      if (isOver) return;
      idle = Promise.withResolvers();
      const limit = setTimeout(idle.resolve, closeWithinMs);
      if (waiting.size === 0 && !sent) idle.resolve();
      else send();
      await idle.promise;
      isOver = true;
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      worker.once('exit', () => resolve());
      const last = setTimeout(resolve, closeWithinMs);
      worker.postMessage({ type: 'close' } satisfies Order);
      await ended;
      clearTimeout(limit);
      clearTimeout(last);
    },
  };
}

function keyOf(change: Change): string {
  switch (change.kind) {
    case 'run':
      return `run ${change.origin} ${change.summary.id}`;
    case 'bucket': {
      const { suite, ring, start } = change.bucket;
      return `bucket ${change.origin} ${suite} ${ring} ${start}`;
    }
    case 'episode':
      return `episode ${change.episode.number}`;
    case 'headline':
      return `headline ${change.span.start}`;
    case 'maintenance':
      return 'maintenance';
  }
}
