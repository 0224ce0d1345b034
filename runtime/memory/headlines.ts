/** The diagnosis of the whole cluster, now and lately. */
import type { Headline, RunResult } from '../model.ts';

/** The latest run of every suite → what is broken, or nothing. Pure. */
export type HeadlineOf = (latest: readonly RunResult[]) => Headline | undefined;

export interface HeadlineSpan {
  /** As it last was while it stood. */
  readonly headline: Headline;
  readonly start: string;
  /** Unset while it stands. */
  readonly end?: string;
}

export interface Headlines {
  readonly current: Headline | undefined;
  /** Newest first. */
  readonly spans: readonly HeadlineSpan[];
  /** Asks for the diagnosis again. The same component and part go on; another one ends the span and begins the next. */
  judge(latest: () => readonly RunResult[], now: string): void;
}

const mostSpans = 100;

export function createHeadlines(headlineOf?: HeadlineOf): Headlines {
  let spans: readonly HeadlineSpan[] = [];
  const open = () => (spans[0]?.end === undefined ? spans[0] : undefined);

  return {
    get current() {
      return open()?.headline;
    },
    get spans() {
      return spans;
    },
    judge(latest, now) {
      if (!headlineOf) return;
      const headline = headlineOf(latest());
      const standing = open();
      const past = standing ? spans.slice(1) : spans;
      if (standing && headline && isSame(standing.headline, headline)) {
        spans = [{ headline: { ...headline, since: standing.headline.since }, start: standing.start }, ...past];
        return;
      }
      const ended = standing ? [{ ...standing, end: now }, ...past] : past;
      spans = (headline ? [{ headline, start: now }, ...ended] : ended).slice(0, mostSpans);
    },
  };
}

function isSame(left: Headline, right: Headline): boolean {
  return left.component === right.component && left.part === right.part;
}
