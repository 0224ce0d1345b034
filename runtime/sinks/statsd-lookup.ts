import { lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';

type Callback = (error: NodeJS.ErrnoException | null, address: string, family: number) => void;
/** As dgram calls it. */
export type Lookup = (hostname: string, family: unknown, callback: Callback) => void;

const goodMs = 60_000;
const badMs = 30_000;

/**
 * A cached name look-up for one host: the system's runs on the thread pool, which look-ups of a name that does not
 * resolve, two a second, would fill; the probes need it. One at a time; an answer holds for 60 s, a failure for 30 s.
 */
export function createLookup(resolve: Lookup = system): Lookup {
  let known: { readonly until: number; readonly answer: Parameters<Callback> } | undefined;
  let waiting: Callback[] | undefined;

  function settle(...answer: Parameters<Callback>): void {
    known = { until: performance.now() + (answer[0] ? badMs : goodMs), answer };
    const callbacks = waiting ?? [];
    waiting = undefined;
    for (const callback of callbacks) callback(...answer);
  }

  return (hostname, family, callback) => {
    if (isIP(hostname)) return callback(null, hostname, isIP(hostname));
    if (known && performance.now() < known.until) return callback(...known.answer);
    if (waiting) return void waiting.push(callback);
    waiting = [callback];
    resolve(hostname, family, settle);
  };
}

function system(hostname: string, family: unknown, callback: Callback): void {
  systemLookup(hostname, { family: family === 6 ? 6 : 4 }, callback);
}
