/** What has changed in memory → whoever keeps it. */
import type { Episode } from './episodes.ts';
import type { HeadlineSpan } from './headlines.ts';
import type { Change } from './kept.ts';
import type { Origin } from './rows.ts';
import type { Bucket } from './service-levels.ts';

export interface Keeping {
  run(change: Omit<Extract<Change, { kind: 'run' }>, 'kind'>): void;
  buckets(origin: Origin, buckets: readonly Bucket[]): void;
  /** The lists as they are after a verdict. */
  spans(episodes: readonly Episode[], headlines: readonly HeadlineSpan[]): void;
}

/** A verdict ends one and begins another at most. */
const mostChanged = 2;

export function createKeeping(keep: (change: Change) => void): Keeping {
  let known: { episodes: readonly Episode[]; headlines: readonly HeadlineSpan[] } = { episodes: [], headlines: [] };
  const fresh = <T>(now: readonly T[], before: readonly T[]) =>
    now.slice(0, mostChanged).filter((one) => !before.slice(0, mostChanged).includes(one));
  return {
    run: (change) => keep({ kind: 'run', ...change }),
    buckets(origin, buckets) {
      for (const bucket of buckets) keep({ kind: 'bucket', origin, bucket });
    },
    spans(episodes, headlines) {
      for (const episode of fresh(episodes, known.episodes)) keep({ kind: 'episode', episode });
      for (const span of fresh(headlines, known.headlines)) keep({ kind: 'headline', span });
      known = { episodes, headlines };
    },
  };
}
