import { setTimeout as pause } from 'node:timers/promises';
import type { Progress } from './progress.ts';

/** How long what has happened may wait for the first line. */
const longestMs = 1_000;

/**
 * A progress whose first line is `heading`, which is asked for once `ready` has resolved, or a second later. What happens until then
 * is shown after it: a run waits for no line.
 */
export function headed(progress: Progress, ready: Promise<unknown>, heading: () => string): Progress {
  let waiting: (() => void)[] | undefined = [];
  const begin = () => {
    const late = waiting;
    waiting = undefined;
    if (late) progress.heading(heading());
    for (const show of late ?? []) show();
  };
  void Promise.race([ready, pause(longestMs, undefined, { ref: false })]).then(begin, begin);
  const inTurn = (show: () => void) => (waiting ? void waiting.push(show) : show());
  return {
    name: progress.name,
    heading: (text) => inTurn(() => progress.heading(text)),
    record: (event) => inTurn(() => progress.record(event)),
    say: (text) => inTurn(() => progress.say(text)),
    close: () => {
      begin();
      return progress.close();
    },
  };
}
