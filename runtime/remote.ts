import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { RunEvent, Sink } from './model.ts';

export interface RemoteOptions {
  /** REPORT_URL: the base URL of the process that shows the results; `update` is added to its path. */
  readonly url: string;
  /** RUN_TOKEN of that process. */
  readonly token?: string;
  readonly log: { warn(fields: object, message: string): void };
  /** Results held while it cannot be reached; the oldest are dropped. Default 1,000. */
  readonly capacity?: number;
  /** Limit of one request. Default 5,000 ms. */
  readonly requestMs?: number;
  /** Pause after a failure, doubled up to 30 s. Default 1,000 ms. */
  readonly retryMs?: number;
}

type StepFinished = Extract<RunEvent, { type: 'step-finished' }>;

const longestRetryMs = 30_000;
const closeMs = 4_000;

/** Reports each finished step to another process's POST /update, in order. Warns once per outage; never fails a run. */
export function createRemote(options: RemoteOptions): Sink {
  const { token, log, capacity = 1_000, requestMs = 5_000, retryMs = 1_000 } = options;
  const url = new URL('update', options.url.endsWith('/') ? options.url : `${options.url}/`);
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const agent = new Agent({ connections: 1 });
  const stop = new AbortController();
  const hurry = new AbortController();
  const queue: string[] = [];
  let sending: Promise<void> | undefined;
  let isClosing = false;
  let hasWarned = false;

  function warn(reason: string): void {
    if (!hasWarned) log.warn({ sink: 'remote' }, `Results do not reach ${url.origin}${url.pathname}: ${reason}`);
    hasWarned = true;
  }

  /** True: it was taken, or never will be. */
  async function post(body: string): Promise<boolean> {
    try {
      const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(requestMs)]);
      const reply = await request(url, { method: 'POST', headers, body, dispatcher: agent, signal });
      await reply.body.dump();
      if (reply.statusCode < 300) hasWarned = false;
      else warn(`it answers ${reply.statusCode}`);
      return reply.statusCode < 500 && reply.statusCode !== 429;
    } catch (error) {
      warn(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  async function drain(): Promise<void> {
    let waitMs = retryMs;
    while (queue.length > 0) {
      const [body] = queue as [string];
      if (await post(body)) {
        if (queue[0] === body) queue.shift();
        waitMs = retryMs;
      } else {
        if (isClosing) return;
        await pause(waitMs, undefined, { signal: hurry.signal }).catch(() => undefined);
        waitMs = Math.min(waitMs * 2, longestRetryMs);
      }
    }
  }

  function begin(): void {
    sending ??= drain().finally(() => {
      sending = undefined;
      if (queue.length > 0 && !isClosing) begin();
    });
  }

  return {
    name: 'remote',
    record(event) {
      if (event.type !== 'step-finished' || isClosing) return;
      queue.push(JSON.stringify(updateOf(event)));
      if (queue.length > capacity) queue.shift();
      begin();
    },
    /** Sends what is queued, without further pauses, for 4 s at most. */
    async close() {
      isClosing = true;
      hurry.abort();
      const timer = setTimeout(() => stop.abort(), closeMs);
      await sending;
      clearTimeout(timer);
      await agent.destroy();
    },
  };
}

/** A step in the original's shape, with our optional keys. */
function updateOf({ step, namespace, suite, run }: StepFinished): object {
  const ended = new Date(Date.parse(step.startedAt) + step.durationMs);
  const info = step.findings.map(({ code, message, count }) => [`${code}: ${message}`, count]);
  return {
    name: step.name,
    passing: step.status === 'passed',
    info: info.length > 0 ? info : null,
    namespace,
    time: ended.toISOString().slice(0, 19).replace('T', ' '),
    suite,
    run,
    durationMs: step.durationMs,
    status: step.status,
  };
}
