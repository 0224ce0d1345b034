/** What outlives the process where it is asked for: what memory hands out to be kept, and what it takes back. Types only. */
import type { MaintenanceKept } from '../model/maintenance.ts';
import type { RunResult } from '../model/result.ts';
import type { Episode } from './episodes.ts';
import type { HeadlineSpan } from './headlines.ts';
import type { PackedRun } from './history.ts';
import type { Origin } from './rows.ts';
import type { Bucket } from './service-levels.ts';

interface RunFacts extends Pick<PackedRun, 'summary' | 'endedAt'> {
  readonly origin: Origin;
  /** Of a run of another process: how long it says that this holds. */
  readonly staleAfterMs?: number;
}

/** A change of memory; a later one of the same run, bucket, episode or headline takes the place of an earlier one. */
export type Change =
  | ({ readonly kind: 'run'; readonly result: RunResult } & RunFacts)
  | { readonly kind: 'bucket'; readonly origin: Origin; readonly bucket: Bucket }
  | { readonly kind: 'episode'; readonly episode: Episode }
  | { readonly kind: 'headline'; readonly span: HeadlineSpan }
  | { readonly kind: 'maintenance'; readonly kept: MaintenanceKept };

export type KeptRun = RunFacts & PackedRun;

export interface Remembered {
  /** Made with the file: who read the feed before the restart knows its entries again. */
  readonly lineage: string;
  /** The oldest first. */
  readonly runs: readonly KeptRun[];
  readonly buckets: readonly { readonly origin: Origin; readonly bucket: Bucket }[];
  /** Newest first, as these are. */
  readonly episodes: readonly Episode[];
  readonly headlines: readonly HeadlineSpan[];
  readonly maintenance?: MaintenanceKept;
}
