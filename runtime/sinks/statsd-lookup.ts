import { lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';

type Callback = (error: NodeJS.ErrnoException | null, address: string, family: number) => void;
/** As dgram calls it. */
export type Lookup = (hostname: string, family: unknown, callback: Callback) => void;

const goodMs = 60_000;
const badMs = 30_000;
/** A process that has just begun has one run's figures to send: a name server that is late for a moment must not cost them. */
const againMs: readonly number[] = [250, 1_000, 2_000];

/**
 * A cached name look-up for one host: the system's runs on the thread pool, which look-ups of a name that does not
 * resolve, two a second, would fill; the probes need it. One at a time; an answer holds for 60 s, a failure for 30 s once it has been asked
 * four times within 3.25 s. `again`: milliseconds between them.
 */
export function createLookup(resolve: Lookup = system, again = againMs): Lookup {
  let known: { readonly until: number; readonly answer: Parameters<Callback> } | undefined;
  let waiting: Callback[] | undefined;

  function settle(...answer: Parameters<Callback>): void {
    known = { until: performance.now() + (answer[0] ? badMs : goodMs), answer };
    const callbacks = waiting ?? [];
    waiting = undefined;
    for (const callback of callbacks) callback(...answer);
  }

  function ask(hostname: string, family: unknown, left: readonly number[]): void {
    resolve(hostname, family, (...answer) => {
      const [waitMs, ...rest] = left;
      if (!answer[0] || waitMs === undefined) settle(...answer);
      else setTimeout(() => ask(hostname, family, rest), waitMs);
    });
  }

  return (hostname, family, callback) => {
    if (isIP(hostname)) return callback(null, hostname, isIP(hostname));
    if (known && performance.now() < known.until) return callback(...known.answer);
    if (waiting) return void waiting.push(callback);
    waiting = [callback];
    ask(hostname, family, again);
  };
}

function system(hostname: string, family: unknown, callback: Callback): void {
  systemLookup(hostname, { family: family === 6 ? 6 : 4 }, callback);
}
