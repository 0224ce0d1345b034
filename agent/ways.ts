/** The ways out of the pod that an agent is in: its network, and the name servers of its resolv.conf. */
import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { RecordType } from './contract.ts';

export interface Ways {
  /** A connection of its own. Rejects with an error that has a `code`, or with the signal's reason. */
  connect(host: string, port: number, signal: AbortSignal): Promise<Duplex>;
  /** Records of a full name: addresses, or `port target`. Rejects with an error that has a `code`, or with the signal's reason. */
  query(type: RecordType, name: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Of the pod's resolv.conf. */
  readonly search: readonly string[];
  readonly ndots: number;
}

const resendMs = 1_000;

export function waysOfPod(): Ways {
  return {
    ...resolvConf(),
    connect: (host, port, signal) => opened(() => connect({ host, port, noDelay: true }), signal),
    async query(type, name, signal) {
      const resolver = new Resolver({ timeout: resendMs, tries: 4 });
      const cancel = () => resolver.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      try {
        if (type === 'service') return (await resolver.resolveSrv(name)).map(({ port, name }) => `${port} ${name}`);
        return await resolver.resolve4(name).catch((error) => {
          if (error instanceof Error && 'code' in error && error.code === 'ENODATA') return resolver.resolve6(name);
          throw error;
        });
      } finally {
        signal.removeEventListener('abort', cancel);
      }
    },
  };
}

/** The cluster's, by what a kubelet writes: `search <namespace>.svc.<domain> svc.<domain> <domain>`. */
export function domainOf({ search }: Pick<Ways, 'search'>): string {
  const [, domain = 'cluster.local'] = search.flatMap((one) => /(?:^|\.)svc\.(.+)$/.exec(one) ?? []);
  return domain;
}

/** A socket once it is connected. */
export function opened(open: () => Socket, signal: AbortSignal): Promise<Socket> {
  const socket = open();
  return new Promise<Socket>((resolve, reject) => {
    const abort = () => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    const settle = () => signal.removeEventListener('abort', abort);
    socket.once('error', (error) => {
      settle();
      reject(error);
    });
    socket.once('connect', () => {
      settle();
      // From here on whoever has it hears its errors.
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
    if (signal.aborted) abort();
  });
}

/** Source: resolv.conf(5): the last `search` counts, and a name with a dot is no longer short where ndots is not given. */
function resolvConf(): Pick<Ways, 'search' | 'ndots'> {
  try {
    return readResolvConf(readFileSync('/etc/resolv.conf', 'utf8'));
  } catch {
    return readResolvConf('');
  }
}

export function readResolvConf(text: string): Pick<Ways, 'search' | 'ndots'> {
  const [domains = ''] = [...text.matchAll(/^search\s+(.+)$/gm)].map(([, words]) => words ?? '').slice(-1);
  return {
    search: domains.split(/\s+/).filter(Boolean),
    ndots: Number(/^options\s.*\bndots:(\d+)/m.exec(text)?.[1] ?? 1),
  };
}
