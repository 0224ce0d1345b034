import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { withoutEvidence } from '../memory/packing.ts';
import { largestReportBytes } from '../memory/reported.ts';
import type { RunEvent, Sink } from '../model/event.ts';
import type { RunResult } from '../model/result.ts';
import { cut } from '../words/text.ts';
import { deliver, reasonOf } from './report-delivery.ts';

export interface RemoteOptions {
  /** REPORT_URL: the base URL of the process that shows the results; `update` or `results/<suite>/<run>` is added to its path. */
  readonly url: string;
  /** RUN_TOKEN of that process. */
  readonly token?: string;
  /** How long a result of the suite holds, in milliseconds; told with every run. Default: that is not told. */
  readonly staleAfterMs?: (suite: string) => number;
  readonly log: Record<'info' | 'warn', (fields: object, message: string) => void>;
  /** Steps and runs held while it cannot be reached; the oldest are dropped. Default 1,000. */
  readonly capacity?: number;
  /** Limit of one request. Default 5,000 ms. */
  readonly requestMs?: number;
  /** Pause after a failure, doubled up to 30 s. Default 1,000 ms. */
  readonly retryMs?: number;
}

type StepFinished = Extract<RunEvent, { type: 'step-finished' }>;

interface Report {
  readonly method: 'POST' | 'PUT';
  readonly url: URL;
  readonly body: string;
  /** By `performance.now()`. */
  readonly queuedAt: number;
}

const longestRetryMs = 30_000;
const closeMs = 4_000;
/** What a server says that has no PUT, or not this one. */
const unknownRoute = new Set([404, 405, 501]);
/** Findings and notes of each step: as many as fit. */
const fitting = [50, 10, 1, 0] as const;
const longestText = 1_000;
/** Room for `withAge`. */
const ageBytes = 64;

/**
 * Reports each finished step to another process's POST /update, and each run to its PUT /results, in order. What knows steps only, as the
 * original does, gets steps, and the log says so once. Warns once per outage; never fails a run.
 */
export function createRemote(options: RemoteOptions): Sink {
  const { token, log, capacity = 1_000, requestMs = 5_000, retryMs = 1_000 } = options;
  const base = options.url.endsWith('/') ? options.url : `${options.url}/`;
  const updates = new URL('update', base);
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const agent = new Agent({ connections: 1 });
  const stop = new AbortController();
  const hurry = new AbortController();
  const queue: Report[] = [];
  let sending: Promise<void> | undefined;
  let isClosing = false;
  /** What was told in the log, and does not work yet: steps, runs, or nobody answers. */
  const said = new Set<Report['method'] | 'nobody'>();

  function say(level: 'info' | 'warn', about: Report['method'] | 'nobody', text: string): void {
    if (!said.has(about)) log[level]({ sink: 'remote' }, text);
    said.add(about);
  }

  /** True: it was taken, or never will be. */
  async function send({ method, url, body: text, queuedAt }: Report): Promise<boolean> {
    try {
      const body = method === 'PUT' ? withAge(text, performance.now() - queuedAt) : text;
      const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(requestMs)]);
      const { statusCode, words, from } = await deliver(url, (to) =>
        request(to, { method, headers, body, dispatcher: agent, signal }),
      );
      said.delete('nobody');
      const answered = `it answers ${statusCode} to ${method} ${from}: ${words}`;
      if (statusCode < 300) said.delete(method);
      else if (method === 'PUT' && unknownRoute.has(statusCode))
        say('info', method, `${updates.origin} takes steps, and no runs to keep as history: ${answered}`);
      else say('warn', method, `Results do not reach ${updates.origin}: ${answered}`);
      return (statusCode < 500 && statusCode !== 429) || (method === 'PUT' && unknownRoute.has(statusCode));
    } catch (error) {
      const reason = reasonOf(error);
      say('warn', 'nobody', `Results do not reach ${updates.origin}: ${reason}`);
      return false;
    }
  }

  /** False: something is left, and nobody to take it. */
  async function drain(): Promise<boolean> {
    let waitMs = retryMs;
    while (queue.length > 0) {
      const [report] = queue as [Report];
      if (await send(report)) {
        if (queue[0] === report) queue.shift();
        waitMs = retryMs;
      } else {
        if (isClosing) return false;
        await pause(waitMs, undefined, { signal: hurry.signal }).catch(() => undefined);
        waitMs = Math.min(waitMs * 2, longestRetryMs);
      }
    }
    return true;
  }

  function begin(): void {
    sending ??= drain().then((isDrained) => {
      sending = undefined;
      // What was queued between the end of the loop and here.
      if (isDrained && queue.length > 0) begin();
    });
  }

  return {
    name: 'remote',
    record(event) {
      if (isClosing) return;
      const queuedAt = performance.now();
      if (event.type === 'step-finished') {
        queue.push({ method: 'POST', url: updates, body: JSON.stringify(updateOf(event)), queuedAt });
      } else if (event.type === 'run-judged' || event.type === 'run-finished') {
        const { suite, id } = event.result;
        const url = new URL(`results/${encodeURIComponent(suite)}/${encodeURIComponent(id)}`, base);
        queue.push({ method: 'PUT', url, body: reportOf(event.result, options.staleAfterMs?.(suite)), queuedAt });
      }
      if (queue.length > capacity) queue.shift();
      begin();
    },
    /** Sends what is queued, without further pauses, for 4 s at most. */
    async close() {
      isClosing = true;
      hurry.abort();
      const timer = setTimeout(() => stop.abort(), closeMs);
      while (sending) await sending;
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

/** Without what the other process does not keep: evidence, figures, and more of everything than it takes. */
function reportOf(result: RunResult, staleAfterMs: number | undefined): string {
  const bare = withoutEvidence(result);
  for (const most of fitting) {
    const steps = bare.steps.map((step) => ({
      ...step,
      measurements: [],
      findings: step.findings.slice(0, most).map((one) => ({ ...one, message: cut(one.message, longestText) })),
      notes: step.notes.slice(0, most).map((note) => cut(note, longestText)),
    }));
    const body = JSON.stringify({ ...bare, steps, staleAfterMs });
    if (Buffer.byteLength(body) <= largestReportBytes - ageBytes) return body;
  }
  return JSON.stringify({ ...bare, steps: [], recovered: [], diagnosis: undefined, staleAfterMs });
}

/** Only at the moment of sending is it known how long ago a run ended; clocks of two machines say nothing of it. */
function withAge(report: string, endedAgoMs: number): string {
  return `${report.slice(0, -1)},"endedAgoMs":${Math.round(endedAgoMs)}}`;
}
