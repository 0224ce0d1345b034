/** What threw on the inside: the sandbox goes on, and says it on stderr, once per message, whatever names stand in it. */

export type FailureLog = (error: unknown) => void;

/** Bounds the memory of what was said. */
const remembered = 1000;

export function createFailureLog(write: (line: string) => void): FailureLog {
  const said = new Set<string>();
  return (error) => {
    const message = error instanceof Error ? error.message : String(error);
    const words = message.replace(/"[^"]*"/g, '""');
    if (said.has(words)) return;
    if (said.size >= remembered) said.clear();
    said.add(words);
    write(`sandbox: ${message}\n`);
  };
}
