/** The way into the cluster's network: an HTTP proxy, by CONNECT and by absolute URL. */
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, isIPv4, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Cluster } from '../cluster.ts';
import type { Dial } from './dial.ts';
import { lookUp } from './names.ts';
import type { Network } from './network.ts';
import { listen } from './web-server.ts';

/** Where nobody answers, TCP asks again after a second, until the one who asks gives up. */
const retransmitMs = 1000;

export interface Proxy {
  readonly url: string;
  close(): Promise<void>;
}

export async function startProxy(cluster: Cluster, network: Network): Promise<Proxy> {
  const sockets = new Set<Duplex>();
  const track = (socket: Duplex) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };

  const dial = (host: string, port: number): Dial => {
    const ip = isIPv4(host) ? host : lookUp(cluster, host)[0];
    return ip ? network.dial(ip, port) : { kind: 'refused' };
  };

  const server = createServer((incoming, response) => relay(cluster, dial, incoming, response));
  server.on('connection', track);
  server.on('connect', (incoming, client, head) => {
    const { host, port } = target(incoming.url);
    client.on('error', () => client.destroy());
    client.unshift(head);
    tunnel(cluster, () => dial(host, port), client, track);
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function tunnel(cluster: Cluster, dial: () => Dial, client: Duplex, track: (socket: Duplex) => void): void {
  if (client.destroyed) return;
  const to = dial();
  if (to.kind === 'silent') {
    cluster.timers.after(retransmitMs, () => tunnel(cluster, dial, client, track));
    return;
  }
  if (to.kind === 'refused') {
    client.end('HTTP/1.1 502 Connection refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    return;
  }
  cluster.timers.after(to.delayMs ?? 0, () => {
    const upstream: Socket = connect(to.port, '127.0.0.1');
    track(upstream);
    upstream.setNoDelay(true);
    upstream.once('connect', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    upstream.once('close', () => client.destroy());
    client.once('close', () => upstream.destroy());
  });
}

/** `curl -x` and HTTP_PROXY send plain requests whole. */
function relay(
  cluster: Cluster,
  dial: (host: string, port: number) => Dial,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  if (!URL.canParse(incoming.url ?? '')) {
    response.writeHead(400).end('This is a proxy: ask with CONNECT or an absolute URL\n');
    return;
  }
  const url = new URL(incoming.url!);
  const to = dial(url.hostname, Number(url.port || 80));
  if (to.kind === 'silent') {
    cluster.timers.after(retransmitMs, () => response.destroyed || relay(cluster, dial, incoming, response));
    return;
  }
  if (to.kind === 'refused') {
    response.writeHead(502).end('Connection refused\n');
    return;
  }
  cluster.timers.after(to.delayMs ?? 0, () => {
    const options = { port: to.port, host: '127.0.0.1', path: url.pathname + url.search, agent: false } as const;
    const upstream = forward({ ...options, method: incoming.method, headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    upstream.on('error', () => response.destroy());
    incoming.pipe(upstream);
  });
}

function target(url = ''): { host: string; port: number } {
  const colon = url.lastIndexOf(':');
  return { host: url.slice(0, colon), port: Number(url.slice(colon + 1)) };
}
