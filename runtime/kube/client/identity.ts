/** Which cluster answers: what every result, the page and the metrics say. */
import type { ClusterIdentity } from '../../model/result.ts';
import type { ObjectClient } from './served.ts';

/** How long it may take to say its version: nobody waits for it. */
const longestMs = 5_000;
/** It is asked again so long after it did not say it … */
const askAgainMs = 60_000;
/** … and so long after it did: clusters are upgraded. */
const holdsForMs = 3_600_000;

export interface IdentityParts {
  readonly name: string;
  /** As the kubeconfig has it. */
  readonly server: string;
  readonly api: Pick<ObjectClient, 'version'>;
}

export interface Identity {
  readonly now: ClusterIdentity;
  /** Asks for the version where it is not known, or not known lately. Resolves when that is over; never rejects. */
  refresh(): Promise<void>;
}

/** GET /version is sent beside the runs, is not among their requests, and fails none of them. */
export function createIdentity({ name, server, api }: IdentityParts): Identity {
  let version = 'unknown';
  let nextMs = 0;
  let asking: Promise<void> = Promise.resolve();

  const ask = async () => {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), longestMs).unref();
    try {
      const answer = await api.version(limit.signal);
      const given =
        typeof answer.gitVersion === 'string' ? /^v?[\w.+-]{1,60}$/.exec(answer.gitVersion)?.[0] : undefined;
      version = given ?? 'unknown';
      if (given) nextMs = performance.now() + holdsForMs;
    } catch {
      // What it said before may not hold any more, and is the best there is.
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    get now() {
      return { name, server: withoutLogin(server), version };
    },
    refresh() {
      if (performance.now() < nextMs) return asking;
      nextMs = performance.now() + askAgainMs;
      asking = ask();
      return asking;
    },
  };
}

function withoutLogin(server: string): string {
  const url = URL.parse(server);
  if (!url) return 'unknown';
  url.username = '';
  url.password = '';
  url.search = '';
  url.hash = '';
  return url.href.replace(/\/+$/, '');
}
