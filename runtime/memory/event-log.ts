/** What happened lately, numbered without gaps, small enough to be sent to a thousand listeners. */
import type { RunEvent } from '../model/event.ts';
import type { StepKind, StepResult, StepStatus, Verdict } from '../model/result.ts';
import { cut } from '../words/text.ts';

/** One event as server-sent events carry it: where to look, not the whole result. At most about 1 KB as JSON. */
export interface LiveEvent {
  /** Counts from 1 in this process. A `waiting` event has the number of the event before it and is not replayed. */
  readonly id: number;
  readonly type: RunEvent['type'] | 'update' | 'maintenance';
  readonly at: string;
  readonly suite: string;
  readonly namespace?: string;
  readonly run?: string;
  readonly step?: string;
  readonly kind?: StepKind;
  /** Of the step, or of the run. */
  readonly status?: StepStatus | Verdict;
  readonly durationMs?: number;
  /** What a step waits for, or the first finding of a step. */
  readonly message?: string;
}

export interface EventLog {
  /** The number of the newest event; 0 before the first. */
  readonly last: number;
  append(event: Omit<LiveEvent, 'id'>): LiveEvent;
  /** The first `most` of the events after `id`; undefined when some of them are forgotten, or `id` is none of ours. Default: all. */
  after(id: number, most?: number): readonly LiveEvent[] | undefined;
}

const longestText = 200;

export function createEventLog(capacity: number): EventLog {
  const events: LiveEvent[] = [];
  let last = 0;
  return {
    get last() {
      return last;
    },
    append(event) {
      if (event.type === 'waiting') return Object.freeze({ id: last, ...event });
      last += 1;
      const numbered = Object.freeze({ id: last, ...event });
      events[last % capacity] = numbered;
      return numbered;
    },
    after(id, most = capacity) {
      if (!Number.isInteger(id) || id < 0 || id > last || last - id > capacity) return undefined;
      return Array.from({ length: Math.min(last - id, most) }, (_, index) => events[(id + 1 + index) % capacity]!);
    },
  };
}

/** The small form of a run's event. `now` stands in where the event has no instant of its own. */
export function liveEvent(event: RunEvent, now: string): Omit<LiveEvent, 'id'> {
  switch (event.type) {
    case 'run-started':
    case 'run-withdrawn': {
      const { type, at, suite, namespace, run } = event;
      return { type, at, suite, namespace, run };
    }
    case 'step-started': {
      const { type, at, suite, run, step, kind } = event;
      return { type, at, suite, run, step: cut(step, longestText), kind };
    }
    case 'waiting': {
      const { type, at, suite, run, step, message } = event;
      return { type, at, suite, run, step: cut(step, longestText), message: cut(message, longestText) };
    }
    case 'step-finished': {
      const { type, suite, namespace, run, step } = event;
      return { type, at: now, suite, namespace, run, ...stepFields(step) };
    }
    default: {
      const { suite, namespace, id, status, durationMs, finishedAt } = event.result;
      return { type: event.type, at: finishedAt, suite, namespace, run: id, status, durationMs };
    }
  }
}

function stepFields(step: StepResult): Partial<LiveEvent> {
  const first = step.findings[0];
  return {
    step: cut(step.name, longestText),
    kind: step.kind,
    status: step.status,
    durationMs: step.durationMs,
    ...(first && { message: cut(`${first.code}: ${first.message}`, longestText) }),
  };
}
