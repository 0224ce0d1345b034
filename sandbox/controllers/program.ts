/** What a container does that is no server: it writes its lines, and ends. */
import type { Container } from '../store/objects.ts';

/** The files of its volumes, by their absolute paths. */
export interface Disk {
  /** Undefined: there is none. */
  read(path: string): string | undefined;
  /** False: there is no volume. */
  write(path: string, content: string): boolean;
}

export interface Ended {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

export type Program = (disk: Disk) => Ended;

const statement = /echo "([^"]*)"(?: > ([^\s;]+))?|cat ([^\s;]+)|exit (\d+)/g;

/** `sh -c` with `echo "…"`, `echo "…" > FILE`, `cat FILE` and `exit N`; undefined: it is nginx. */
export function programOf({ command }: Container): Program | undefined {
  const [shell, flag, script] = (command as readonly string[] | undefined) ?? [];
  if (shell !== 'sh' || flag !== '-c' || script === undefined) return undefined;
  // It stands until it is stopped.
  if (/\bwait$/.test(script)) return undefined;
  return (disk) => {
    const lines: string[] = [];
    for (const [, text = '', into, from = '', exit] of script.matchAll(statement)) {
      if (exit !== undefined) return { lines, exitCode: Number(exit) };
      if (into && !disk.write(into, `${text}\n`)) {
        return { lines: [...lines, `sh: can't create ${into}: nonexistent directory`], exitCode: 1 };
      }
      if (from) lines.push(...(disk.read(from)?.trimEnd().split('\n') ?? [`cat: ${from}: No such file or directory`]));
      else if (!into) lines.push(text);
    }
    return { lines, exitCode: 0 };
  };
}
