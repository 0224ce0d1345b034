import { readFileSync, statSync } from 'node:fs';

/** What readConfig asks the machine. A test passes its own. */
export interface Host {
  isFile(path: string): boolean;
  /** Throws where it cannot be read. */
  read(path: string): string;
}

export const thisHost: Host = {
  isFile: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false,
  read: (path) => readFileSync(path, 'utf8'),
};
