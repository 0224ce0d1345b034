import { Refusal } from './admission/status.ts';

const reported = new Set<string>();
const mostReported = 100;

/** Says once on stderr what went wrong inside. A refusal is none: the API server may refuse a controller what it refuses others. */
export function report(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (error instanceof Refusal || reported.has(text) || reported.size >= mostReported) return;
  reported.add(text);
  process.stderr.write(`sandbox: ${text}\n`);
}
