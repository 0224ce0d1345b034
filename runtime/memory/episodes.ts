/** What was red, from the first red run to the first moment at which no suite is red any more. */
import type { Diagnosis } from '../model/diagnosis.ts';
import type { RunResult } from '../model/result.ts';
import { cut } from '../words/text.ts';

/** A suite that was red in an episode. */
export interface RedSuite {
  readonly suite: string;
  /** failed, if any of its runs was; else errored. */
  readonly status: 'failed' | 'errored';
  /** Ids of its first and its last red run in the episode. */
  readonly firstRun: string;
  readonly lastRun: string;
  readonly runs: number;
}

export type Named = Pick<Diagnosis, 'component' | 'part' | 'sentence' | 'command'>;

export interface Episode {
  /** Counts from 1, over restarts where HISTORY_FILE keeps them. */
  readonly number: number;
  readonly start: string;
  /** Unset while a suite is red. */
  readonly end?: string;
  /** failed, if any suite was: the cluster's fault; else errored. */
  readonly status: 'failed' | 'errored';
  readonly suites: readonly RedSuite[];
  /** What the runs named as broken, each once, in the order of their verdicts. */
  readonly named: readonly Named[];
  /** Codes of the findings, each once. */
  readonly codes: readonly string[];
  /** Every red run of it was in a maintenance window. */
  readonly maintenance?: true;
}

export interface Episodes {
  /** Newest first, at most 100; the first may be under way. */
  readonly list: readonly Episode[];
  /**
   * After each verdict. `holdsMs`: how long a red run of another process counts where nothing follows it; default for ever. `maintenance`: a part
   * of the run was in a window; default not.
   */
  judge(run: RunResult, now: Date, holdsMs?: number, maintenance?: boolean): void;
  /**
   * Those from before a restart, newest first. `suites`: which were red then, and until when that counts, milliseconds since 1970; where none is
   * any more, one under way has ended at `lastSeen`.
   */
  restore(episodes: readonly Episode[], suites: ReadonlyMap<string, number>, lastSeen: string): void;
}

const most = { episodes: 100, suites: 200, named: 20, codes: 40, sentence: 300 };

export function createEpisodes(): Episodes {
  /** Suites that are red now, and until when that counts: milliseconds since 1970. */
  const red = new Map<string, number>();
  let list: readonly Episode[] = [];
  let last = 0;

  return {
    get list() {
      return list;
    },
    restore(episodes, suites, lastSeen) {
      for (const [suite, until] of suites) red.set(suite, until);
      const isOver = ({ end }: Episode) => end === undefined && suites.size === 0;
      list = episodes.map((one) => (isOver(one) ? { ...one, end: latest(one.start, lastSeen) } : one));
      last = Math.max(0, ...list.map(({ number }) => number));
    },
    judge(run, now, holdsMs = Number.POSITIVE_INFINITY, maintenance = false) {
      const at = now.getTime();
      const isRunRed = run.status === 'failed' || run.status === 'errored';
      if (isRunRed) red.set(run.suite, at + holdsMs);
      else red.delete(run.suite);
      for (const [suite, until] of red) if (until < at) red.delete(suite);
      const [open] = list[0]?.end === undefined ? list : [];
      if (!open && !isRunRed) return;
      const before = open ?? { ...begun(++last, now), ...(maintenance && { maintenance }) };
      const grown = isRunRed ? withRun(before, run, maintenance) : before;
      const past = open ? list.slice(1) : list;
      list = [red.size === 0 ? { ...grown, end: now.toISOString() } : grown, ...past].slice(0, most.episodes);
    },
  };
}

/** An episode does not end before it began, whatever has been forgotten. */
function latest(start: string, end: string): string {
  return end > start ? end : start;
}

function begun(number: number, now: Date): Episode {
  return { number, start: now.toISOString(), status: 'errored', suites: [], named: [], codes: [] };
}

function withRun(episode: Episode, run: RunResult, maintenance: boolean): Episode {
  const { suite, id, status, diagnosis } = run;
  const known = episode.suites.find((one) => one.suite === suite);
  if (known?.lastRun === id) return episode;
  const { maintenance: only, ...rest } = episode;
  const red: RedSuite = {
    suite,
    status: status === 'failed' || known?.status === 'failed' ? 'failed' : 'errored',
    firstRun: known?.firstRun ?? id,
    lastRun: id,
    runs: (known?.runs ?? 0) + 1,
  };
  const codes = run.steps.flatMap(({ findings }) => findings.map(({ code }) => code));
  return {
    ...rest,
    status: red.status === 'failed' ? 'failed' : episode.status,
    suites: known
      ? episode.suites.map((one) => (one === known ? red : one))
      : [...episode.suites, red].slice(0, most.suites),
    named: withNamed(episode.named, diagnosis),
    codes: [...new Set([...episode.codes, ...codes])].slice(0, most.codes),
    ...(only && maintenance && { maintenance: only }),
  };
}

function withNamed(named: readonly Named[], diagnosis: Diagnosis | undefined): readonly Named[] {
  if (!diagnosis || named.length >= most.named) return named;
  const { component, part, sentence, command } = diagnosis;
  if (named.some((one) => one.component === component && one.part === part)) return named;
  const one = { component, ...(part && { part }), sentence: cut(sentence, most.sentence), ...(command && { command }) };
  return [...named, one];
}
