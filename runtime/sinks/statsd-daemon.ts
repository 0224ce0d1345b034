import { createSocket } from 'node:dgram';
import type { Lookup } from './statsd-lookup.ts';

export interface DaemonOptions {
  readonly host: string;
  readonly port: number;
  readonly lookup: Lookup;
  /** Called with the reason when nobody listens there. */
  readonly onDown: (reason: string) => void;
}

const everyMs = 60_000;
const answerMs = 2_000;

/**
 * Notices that nobody listens: only a connected UDP socket is told of the ICMP answer, and hot-shots' is not.
 * Sends an empty datagram, which statsd ignores, once a minute at most and only when asked to.
 */
export function createDaemonCheck({ host, port, lookup, onDown }: DaemonOptions): () => void {
  let checkedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() - checkedAt < everyMs) return;
    checkedAt = performance.now();
    // A name may take longer than an answer, so the wait for the answer begins with the name. The socket's own address is looked up as well.
    const named: Lookup = (hostname, family, callback) =>
      lookup(hostname, family, (...answer) => {
        if (hostname === host && isOpen) timer = setTimeout(close, answerMs).unref();
        callback(...answer);
      });
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', lookup: named }).unref();
    let isOpen = true;
    let timer: NodeJS.Timeout | undefined;
    const close = () => {
      if (isOpen) socket.close();
      isOpen = false;
    };
    const fail = (error: Error) => {
      clearTimeout(timer);
      close();
      onDown(error.message);
    };
    socket.on('error', fail);
    // Given a callback, connect() tells it of a failure instead of the listener.
    socket.connect(port, host, (error?: Error) => (error ? fail(error) : socket.send(Buffer.alloc(0))));
  };
}
