/** The diagnosis of the whole cluster, now and lately. */
import { isSameTrouble } from '../diagnosis/headline.ts';
import type { Headline } from '../model/diagnosis.ts';
import type { RunResult } from '../model/result.ts';

/** The latest run of every suite, and the headline that stands → what is broken, or nothing. Pure. */
export type HeadlineOf = (latest: readonly RunResult[], previous?: Headline) => Headline | undefined;

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
  /** Asks for the diagnosis again. The same trouble goes on; another one ends the span and begins the next. */
  judge(latest: () => readonly RunResult[], now: string): void;
  /** Those from before a restart. `ended`: when the last one did, where it does not stand any more. */
  restore(spans: readonly HeadlineSpan[], ended?: string): void;
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
    restore(before, ended) {
      const over = (span: HeadlineSpan) => ({ ...span, end: [span.start, ended!].toSorted()[1]! });
      spans = before.map((span) => (span.end === undefined && ended !== undefined ? over(span) : span));
    },
    judge(latest, now) {
      if (!headlineOf) return;
      const standing = open();
      const headline = headlineOf(latest(), standing?.headline);
      const past = standing ? spans.slice(1) : spans;
      if (standing && headline && isSameTrouble(standing.headline, headline)) {
        spans = [{ headline: { ...headline, since: standing.headline.since }, start: standing.start }, ...past];
        return;
      }
      const ended = standing ? [{ ...standing, end: now }, ...past] : past;
      spans = (headline ? [{ headline, start: now }, ...ended] : ended).slice(0, mostSpans);
    },
  };
}
