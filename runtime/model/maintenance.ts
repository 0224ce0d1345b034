/** A time in which runs go on and nobody is alarmed. Types only. */

/** One that is under way. */
export interface Maintenance {
  readonly since: string;
  /** Its end, unless it is ended before or another follows at once. */
  readonly until: string;
  /** `schedule`: MAINTENANCE; `call`: POST /maintenance, be it beside a scheduled one. */
  readonly by: 'schedule' | 'call';
  readonly reason?: string;
}

export type MaintenanceSpan = Pick<Maintenance, 'since' | 'until'>;

/** What POST and DELETE have changed, as it is kept over restarts. */
export interface MaintenanceKept {
  /** The one that was asked for last. */
  readonly called?: MaintenanceSpan & { readonly reason?: string };
  /** Milliseconds since 1970: a scheduled one that began before is over. */
  readonly endedAt?: number;
}

export interface MaintenanceControl {
  /** The same object until something changes. */
  readonly current: Maintenance | undefined;
  /** The next of MAINTENANCE. */
  readonly next: MaintenanceSpan | undefined;
  /** When the one under way ends, or the last one ended, milliseconds since 1970; 0 where none is known. */
  readonly end: number;
  /** Whether any of that time, milliseconds since 1970, was in this or the last one. */
  covers(from: number, to: number): boolean;
  /** Begins one now, in place of one that was asked for before. */
  begin(minutes: number, reason?: string): Maintenance;
  /** Ends what is under way, a scheduled one too. */
  finish(): void;
}
