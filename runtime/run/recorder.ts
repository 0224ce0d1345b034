/** Events of runs → sinks. The only place that knows that a sink may fail. */
import type { RunEvent, Sink } from '../model/event.ts';

/** The part of a pino logger the recorder needs. */
export interface RecorderLog {
  warn(fields: object, message: string): void;
}

export interface Recorder {
  /** Hands a frozen copy of the event to every sink, in the order given. Never throws. */
  record(event: RunEvent): void;
  /** Closes every sink side by side, each within the limit. Never rejects; later calls return the first one's promise. */
  close(): Promise<void>;
}

export interface RecorderOptions {
  /** How long one sink may take to send what it holds. Default 5,000 ms. */
  readonly closeTimeoutMs?: number;
}

const mostMessages = 100;

/** A sink that throws is logged once per distinct message, for up to 100 messages, and never fails a run. */
export function createRecorder(sinks: readonly Sink[], log: RecorderLog, options: RecorderOptions = {}): Recorder {
  const { closeTimeoutMs = 5_000 } = options;
  const logged = new Set<string>();
  let closed: Promise<void> | undefined;

  function complain(sink: Sink, doing: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Sink ${sink.name} failed to ${doing}: ${reason}`;
    if (logged.has(message) || logged.size >= mostMessages) return;
    logged.add(message);
    log.warn({ sink: sink.name }, `${message}. Further failures of this kind are not logged.`);
  }

  async function closeOne(sink: Sink): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`no end within ${closeTimeoutMs} ms`)), closeTimeoutMs);
    try {
      await Promise.race([sink.close?.(), late]);
    } catch (error) {
      complain(sink, 'close', error);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    record(live) {
      const event = frozenCopy(live);
      for (const sink of sinks) {
        try {
          sink.record(event);
        } catch (error) {
          complain(sink, `record ${event.type}`, error);
        }
      }
    },
    close() {
      closed ??= Promise.all(sinks.map(closeOne)).then(() => undefined);
      return closed;
    },
  };
}

/** A copy, since the run goes on counting in its own objects; its texts can be encoded, whatever the cluster has said. */
function frozenCopy(event: RunEvent): RunEvent {
  const copy = structuredClone(event);
  settle(copy);
  return copy;
}

function settle(value: object): void {
  const fields = value as Record<string, unknown>;
  for (const [key, child] of Object.entries(fields)) {
    if (typeof child === 'string' && !child.isWellFormed()) fields[key] = child.toWellFormed();
    else if (typeof child === 'object' && child !== null) settle(child);
  }
  Object.freeze(value);
}
