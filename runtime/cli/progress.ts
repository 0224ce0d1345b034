import type { WriteStream } from 'node:tty';
import type { RunEvent, Sink } from '../model/event.ts';
import type { RunResult, StepResult } from '../model/result.ts';
import { duration, plain, renderDetails, renderStep, renderVerdict, slowWords } from '../words/run-text.ts';

const frames = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'];
const frameMs = 100;

/** The part of a terminal, or of a pipe, that it needs. */
export type Screen = Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'hasColors'>>;

export interface Progress extends Sink {
  /** What the lines below it are about. */
  heading(text: string): void;
  /** One line of its own, such as "waiting for another process". */
  say(text: string): void;
  close(): Promise<void>;
}

/**
 * A line for each step as it ends and the verdict; on a terminal also one that moves, with what the step waits for. Colours only on a
 * terminal, and not with NO_COLOR. `slowAfterMs`: SLOW_<SUITE>; one run alone has no other limit.
 */
export function createProgress(screen: Screen, slowAfterMs: Readonly<Record<string, number>> = {}): Progress {
  const colour = Boolean(screen.isTTY && screen.hasColors?.());
  const moving = screen.isTTY ? createMovingLine(screen) : undefined;
  const print = (lines: readonly string[]) => {
    moving?.clear();
    screen.write(`${lines.join('\n')}\n`);
  };
  const printStep = (step: StepResult) => print([renderStep(step, { colour }), ...renderDetails(step, { colour })]);

  return {
    name: 'progress',
    record(event: RunEvent) {
      if (event.type === 'run-started') {
        print([titleOf(event)]);
        moving?.show('Take the namespace');
      }
      if (event.type === 'step-started') moving?.show(event.step);
      if (event.type === 'waiting') moving?.show(event.step, event.message);
      if (event.type === 'step-finished') printStep(event.step);
      if (event.type === 'run-judged') {
        for (const step of event.result.steps.filter(({ status }) => status === 'skipped')) printStep(step);
        print([...renderVerdict(event.result, { colour }), ...slowLines(event.result, slowAfterMs)]);
      }
      if (event.type === 'run-finished' || event.type === 'run-withdrawn') moving?.clear();
    },
    heading: (text) => print([plain(text)]),
    say: (text) => print([`  ${plain(text)}`]),
    close: async () => moving?.clear(),
  };
}

function slowLines({ suite, status, durationMs }: RunResult, limits: Readonly<Record<string, number>>): string[] {
  const afterMs = limits[suite];
  if (status !== 'passed' || afterMs === undefined || durationMs <= afterMs) return [];
  return [`  Slow: ${slowWords(durationMs, { afterMs })} (SLOW_${suite.toUpperCase()})`];
}

function titleOf({ suite, namespace, run }: { suite: string; namespace: string; run: string }): string {
  return `${plain(suite)}${namespace ? ` in namespace ${plain(namespace)}` : ''}, run ${plain(run)}`;
}

interface MovingLine {
  show(step: string, waitsFor?: string): void;
  clear(): void;
}

function createMovingLine(screen: Screen): MovingLine {
  let timer: NodeJS.Timeout | undefined;
  let current = { step: '', waitsFor: '', since: 0 };
  let frame = 0;

  const draw = () => {
    frame = (frame + 1) % frames.length;
    const time = duration(performance.now() - current.since);
    const text = `  ${frames[frame]} ${plain(current.step)} ${time}${current.waitsFor && ` ${plain(current.waitsFor)}`}`;
    screen.write(`\r\u001b[2K${[...text].slice(0, (screen.columns || 80) - 1).join('')}`);
  };
  return {
    show(step, waitsFor = '') {
      current = { step, waitsFor, since: current.step === step && timer ? current.since : performance.now() };
      timer ??= setInterval(draw, frameMs).unref();
      draw();
    },
    clear() {
      if (!timer) return;
      clearInterval(timer);
      timer = undefined;
      screen.write('\r\u001b[2K');
    },
  };
}
