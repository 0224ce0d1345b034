/** What a container wrote: the newest lines, each with its time. */
export interface PodLog {
  write(text: string): void;
  /** Oldest first. */
  lines(): readonly LogLine[];
  follow(listener: (line: LogLine) => void): () => void;
}

export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

/** A kubelet rotates at 10 MiB; this many lines keep thirty pods that are asked all day in a few megabytes. */
const kept = 1000;

export function createPodLog(now: () => number): PodLog {
  let lines: LogLine[] = [];
  const listeners = new Set<(line: LogLine) => void>();
  return {
    write: (text) => {
      const line = { at: now(), text };
      lines.push(line);
      if (lines.length > kept * 1.2) lines = lines.slice(-kept);
      for (const listener of listeners) listener(line);
    },
    lines: () => lines,
    follow: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
