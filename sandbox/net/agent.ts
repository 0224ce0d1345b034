/** The process in a container of the agent's image: the product's own agent, with the network of its node around it. */
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { Duplex, Transform } from 'node:stream';
import { createAgent } from '../../agent/agent.ts';
import { agentVariables } from '../../agent/contract.ts';
import { opened, type Ways } from '../../agent/ways.ts';
import type { Cluster } from '../cluster.ts';
import type { Container } from '../store/objects.ts';
import { isServiceAddress } from './addresses.ts';
import type { Dial } from './dial.ts';
import { clusterDomain, lookUp, portsOf } from './names.ts';
import type { Network } from './network.ts';
import { failure } from './service-proxy.ts';
import { serving, type WebServer } from './web-server.ts';

/** Where nobody answers, TCP asks again after a second. */
const retransmitMs = 1000;
/** What a packet of an overlay network carries. */
const smallPacket = 1400;

export async function startAgent(
  cluster: Cluster,
  network: Network,
  { node, namespace }: { readonly node: string; readonly namespace: string },
  { env }: Container,
): Promise<WebServer> {
  const variables = (env ?? []) as readonly { name: string; value?: string }[];
  const key = variables.find(({ name }) => name === agentVariables.key)?.value ?? '';
  const server = createServer(createAgent({ key, node, ways: waysOf(cluster, network, node, namespace) }));
  return serving(server);
}

function waysOf(cluster: Cluster, network: Network, node: string, namespace: string): Ways {
  const { faults, store, timers } = cluster;
  const nodeOf = (ip: string) => {
    const range = ip.slice(0, ip.lastIndexOf('.') + 1);
    return store.list('nodes').find(({ spec }) => spec.podCIDR?.startsWith(range))?.metadata.name ?? '';
  };
  /** The fault is at one end of a way between nodes. */
  const hits = (fault: 'node-link-down' | 'node-large-packets-lost', other: string) =>
    other !== node && (faults.hits(fault, node) || faults.hits(fault, other));
  const withoutProxy = (): Dial | undefined => {
    const down = faults.hits('node-proxy-down', node) ? faults.options('node-proxy-down') : undefined;
    return down && failure(down.mode);
  };
  const dial = (host: string, port: number): Dial => {
    const to = (isServiceAddress(host) && withoutProxy()) || network.dial(host, port);
    return to.kind === 'port' && hits('node-link-down', nodeOf(to.ip ?? '')) ? { kind: 'silent' } : to;
  };
  const again = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const stop = timers.after(retransmitMs, resolve);
      signal.addEventListener('abort', () => {
        stop();
        reject(signal.reason);
      });
    });
  return {
    async connect(host, port, signal) {
      for (;;) {
        const to = dial(host, port);
        if (to.kind === 'refused') throw codedError('ECONNREFUSED');
        if (to.kind === 'port') {
          const socket = await opened(() => connect(to.port, '127.0.0.1'), signal);
          return hits('node-large-packets-lost', nodeOf(to.ip ?? '')) ? withoutLarge(socket) : socket;
        }
        await again(signal);
      }
    },
    search: [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain],
    ndots: 5,
    async query(type, name, signal) {
      for (;;) {
        const down = faults.on('service-proxy-down')
          ? failure(faults.options('service-proxy-down')?.mode)
          : withoutProxy();
        if (down?.kind === 'refused') throw codedError('ECONNREFUSED');
        if (faults.on('dns-nxdomain')) throw codedError('ENOTFOUND');
        if (faults.on('dns-servfail')) throw codedError('ESERVFAIL');
        if (!down && !faults.on('dns-timeout') && !faults.hits('node-dns-down', node)) break;
        await again(signal);
      }
      const found =
        type === 'service'
          ? portsOf(cluster, name).map(({ port, target }) => `${port} ${target}`)
          : lookUp(cluster, name);
      if (found.length === 0) throw codedError('ENOTFOUND');
      return found;
    },
  };
}

/** What comes in small packets passes; of the rest nothing ever comes. */
function withoutLarge(socket: Duplex): Duplex {
  let passed = 0;
  const small = new Transform({
    transform(chunk: Buffer, _, done) {
      passed += chunk.length;
      done(null, passed <= smallPacket ? chunk : undefined);
    },
  });
  const cut = Duplex.from({ readable: socket.pipe(small), writable: socket });
  cut.once('close', () => socket.destroy());
  cut.on('error', () => socket.destroy());
  return cut;
}

function codedError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
