/** The look-out of a serving process: what the watch needs, from store, cluster and network, and its period. */
import { request } from 'node:http';
import type { Cluster } from '../kube/session/open-cluster.ts';
import type { Store } from '../memory/store.ts';
import type { RunEvent } from '../model/event.ts';
import type { ClusterIdentity } from '../model/result.ts';
import { isLateStart } from './not-begun.ts';
import { createLateWatch } from './watch.ts';

export interface LateStartsOptions {
  readonly cluster: Pick<Cluster, 'starts' | 'home'>;
  readonly identity: () => ClusterIdentity;
  readonly store: Store;
  /** CLUSTER_DOMAIN */
  readonly clusterDomain: string;
  /** Sinks beside the store: figures and log. */
  record(event: RunEvent): void;
  readonly log: { warn(fields: object, message: string): void };
}

const periodMs = 15_000;
const answerMs = 20_000;

/** Looks every 15 s until it is told to stop. */
export function watchLateStarts(options: LateStartsOptions): () => void {
  const { cluster, identity, store, clusterDomain, record, log } = options;
  const watch = createLateWatch({
    reader: cluster.starts(),
    namespace: cluster.home,
    lastSign: (suite) => lastSign(store, suite),
    ask: (service) => statusOf(`${service}.${cluster.home}.svc.${clusterDomain}`),
    cluster: identity,
    record: (result) => {
      store.recordReported(result);
      record({ type: 'run-finished', result });
    },
    log,
  });
  let isLooking = false;
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    await watch.look();
    isLooking = false;
  };
  const timer = setInterval(() => void look(), periodMs).unref();
  return () => clearInterval(timer);
}

/** A step that came in, or the start of a run that did; what we said ourselves of a late start is no sign. */
function lastSign(store: Store, suite: string): string | undefined {
  const run = store.runs(suite, 'remote').find(({ id }) => !isLateStart(id));
  const own = store.runs(suite).at(0);
  const row = store.rows().find((one) => one.suite === suite && !isLateStart(one.run ?? ''));
  return [run?.startedAt, run?.finishedAt, own?.finishedAt, row?.recordedAt]
    .filter((at) => at !== undefined)
    .sort()
    .at(-1);
}

/** "200", or why there is no answer. */
function statusOf(host: string): Promise<string> {
  return new Promise((resolve) => {
    const asked = request({ host, path: '/livez', agent: false, signal: AbortSignal.timeout(answerMs) }, (reply) => {
      reply.resume();
      resolve(String(reply.statusCode));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => {
      resolve(
        error.name === 'TimeoutError' || error.name === 'AbortError'
          ? `nothing for ${answerMs / 1000} s`
          : (error.code ?? error.message),
      );
    });
    asked.end();
  });
}
