/** The maintenance windows of this process: those of MAINTENANCE, and the one that POST /maintenance asked for. */
import type { MaintenanceWindow } from '../config/maintenance-windows.ts';
import type { Maintenance, MaintenanceControl, MaintenanceKept } from '../model/maintenance.ts';
import { createCalendar, type Span } from './maintenance-calendar.ts';

export interface MaintenanceOptions {
  readonly windows: readonly MaintenanceWindow[];
  /** TZ; default the system's. */
  readonly timeZone?: string;
  /** What was kept before a restart. */
  readonly kept?: MaintenanceKept;
  /** Gets what is to outlive the process. */
  readonly keep?: (kept: MaintenanceKept) => void;
  /** Default: the system's clock. */
  readonly now?: () => number;
}

export interface MaintenanceWatch extends MaintenanceControl {
  /** Calls the listener whenever one begins, changes or ends. It must not throw. */
  subscribe(listener: () => void): void;
  /** No more calls. */
  close(): void;
}

const minuteMs = 60_000;
/** A clock that is set meanwhile, or a machine that slept, is noticed that soon. */
const lookAgainMs = 30_000;

export function createMaintenance(options: MaintenanceOptions): MaintenanceWatch {
  const { keep = () => {}, now = Date.now } = options;
  const calendar = createCalendar(options.windows, options.timeZone);
  const listeners: (() => void)[] = [];
  let kept: MaintenanceKept = options.kept ?? {};
  let current: Maintenance | undefined;
  /** The last one that is over. */
  let past: Span | undefined;
  /** What `current` holds for. */
  let known: Span = { since: 0, until: 0 };
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function look(): Maintenance | undefined {
    const at = now();
    if (at >= known.since && at < known.until) return current;
    const before = current;
    const found = underway(at);
    current = isSame(before, found) ? before : found;
    const next = calendar.next(at)?.since ?? Number.POSITIVE_INFINITY;
    known = { since: at, until: found ? Math.min(Date.parse(found.until), next) : next };
    if (before && !found) past = { since: Date.parse(before.since), until: Math.min(Date.parse(before.until), at) };
    wait(at);
    if (before !== current) for (const listener of listeners) listener();
    return current;
  }

  function underway(at: number): Maintenance | undefined {
    const { called, endedAt } = kept;
    const scheduled = calendar.at(at, endedAt);
    const isCalled = called !== undefined && Date.parse(called.since) <= at && at < Date.parse(called.until);
    if (!scheduled && !isCalled) return undefined;
    const span = scheduled && { since: iso(scheduled.since), until: iso(scheduled.until) };
    if (!isCalled) return Object.freeze({ ...span!, by: 'schedule' as const });
    const until = span && span.until > called.until ? span.until : called.until;
    return Object.freeze({ ...called, until, by: 'call' as const });
  }

  function wait(at: number): void {
    clearTimeout(timer);
    if (isClosed || known.until === Number.POSITIVE_INFINITY) return;
    timer = setTimeout(tick, Math.min(lookAgainMs, Math.max(1, known.until - at))).unref();
  }

  function tick(): void {
    look();
    wait(now());
  }

  function change(next: MaintenanceKept): void {
    kept = next;
    keep(kept);
    known = { since: 0, until: 0 };
    look();
  }

  look();
  return {
    get current() {
      return look();
    },
    get next() {
      const span = calendar.next(now());
      return span && { since: iso(span.since), until: iso(span.until) };
    },
    get end() {
      const now = look();
      return now ? Date.parse(now.until) : (past?.until ?? 0);
    },
    covers(from, to) {
      const now = look();
      const isIn = ({ since, until }: Span) => since <= to && until > from;
      return (
        (now && isIn({ since: Date.parse(now.since), until: Date.parse(now.until) })) || (past && isIn(past)) || false
      );
    },
    begin(minutes, reason) {
      const at = now();
      const span = { since: iso(at), until: iso(at + minutes * minuteMs) };
      change({ ...kept, called: { ...span, ...(reason && { reason }) } });
      return current!;
    },
    finish: () => change({ endedAt: now() }),
    subscribe: (listener) => void listeners.push(listener),
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function isSame(one: Maintenance | undefined, other: Maintenance | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
