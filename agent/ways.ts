/** The ways out of the pod that an agent is in: its network, and the name servers of its resolv.conf. */
import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Ways {
  /** A connection of its own. Rejects with an error that has a `code`, or with the signal's reason. */
  connect(host: string, port: number, signal: AbortSignal): Promise<Duplex>;
  /** Addresses of the API server's name. Rejects with an error that has a `code`. */
  lookUp(signal: AbortSignal): Promise<readonly string[]>;
}

const resendMs = 1_000;

export function waysOfPod(domain = searchedDomain() ?? 'cluster.local'): Ways {
  return {
    connect: (host, port, signal) => opened(() => connect({ host, port, noDelay: true }), signal),
    async lookUp(signal) {
      const resolver = new Resolver({ timeout: resendMs, tries: 4 });
      const cancel = () => resolver.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      const name = `kubernetes.default.svc.${domain}`;
      try {
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

/** A kubelet writes `search <namespace>.svc.<domain> svc.<domain> <domain>`. */
function searchedDomain(): string | undefined {
  try {
    return /^search\s.*?\bsvc\.(\S+)/m.exec(readFileSync('/etc/resolv.conf', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
