/** The log on a terminal: a sentence for each line, and below it always what a person needs at hand. */
import type { WriteStream } from 'node:tty';

export interface TerminalLog {
  /** Takes pino's lines. */
  write(line: string): void;
  /** Lines that stay the last ones on the screen. */
  keep(lines: readonly string[]): void;
}

/** The part of a terminal that it needs. */
export type Terminal = Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'columns' | 'hasColors'>>;

interface Logged {
  readonly time: string;
  readonly level: number;
  readonly msg?: string;
  readonly err?: { readonly stack?: string };
}

const grey = 90;
const yellow = 33;
const red = 31;
/** pino's numbers of the levels. */
const warn = 40;
const error = 50;

/** Colours only where the terminal has them, and not with NO_COLOR, which `hasColors` heeds. */
export function createTerminalLog(terminal: Terminal): TerminalLog {
  const isColoured = Boolean(terminal.hasColors?.());
  const paint = (code: number | undefined, text: string) =>
    isColoured && code ? `\u001b[${code}m${text}\u001b[0m` : text;
  let kept: readonly string[] = [];
  /** A line that is cut takes one row of the screen, so that it can be taken back. */
  const footer = () => kept.map((line) => `${line.slice(0, (terminal.columns || 80) - 1)}\n`).join('');
  const show = (text: string) => {
    const back = kept.length > 0 ? `\u001b[${kept.length}A\u001b[0J` : '';
    terminal.write(`${back}${text}${footer()}`);
  };

  return {
    write(line) {
      const { time, level, msg = '', err } = JSON.parse(line) as Logged;
      const code = level >= error ? red : level >= warn ? yellow : undefined;
      const at = paint(grey, new Date(time).toTimeString().slice(0, 8));
      show(`${at} ${paint(code, [msg, err?.stack].filter(Boolean).join('\n'))}\n`);
    },
    keep(lines) {
      const before = kept.length > 0 ? `\u001b[${kept.length}A\u001b[0J` : '';
      kept = lines;
      terminal.write(`${before}${footer()}`);
    },
  };
}
