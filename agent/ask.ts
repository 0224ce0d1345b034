/** What an agent sees from its node: its peers, the service in front of all agents, the cluster's DNS. */
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type AgentQuestion,
  type AgentReport,
  agentPort,
  type Look,
  limits,
  type Peer,
  type PeerLook,
  paths,
  servicePort,
  sizes,
  slowMs,
  smallAsks,
} from './contract.ts';
import { headers, isProven, signed } from './signature.ts';
import { domainOf, type Ways } from './ways.ts';
import { within } from './within.ts';

/** Another attempt at the service is begun after that, whatever has become of those before. */
const againMs = 200;

export async function report(
  { service, peers, withinMs }: AgentQuestion,
  { key, node, ways }: { readonly key: string; readonly node: string; readonly ways: Ways },
): Promise<AgentReport> {
  const began = performance.now();
  const lag = watchLag();
  const leftMs = (limitMs: number) => Math.max(1, Math.min(limitMs, withinMs - (performance.now() - began)));
  const hello: Hello = (host, port, bytes, limitMs) =>
    within(leftMs(limitMs), (signal) => greet({ key, ways, host, port, bytes }, signal));
  const [atService, dns, ...looks] = await Promise.all([
    untilAnswered(leftMs(limits.service), () => hello(service, servicePort, sizes.small, limits.attempt)),
    within(leftMs(limits.name), async (signal) => {
      await ways.query('address', `kubernetes.default.svc.${domainOf(ways)}`, signal);
    }),
    ...peers.map((peer) => lookAt(peer, hello)),
  ]);
  return { node, service: atService, dns, peers: looks, lagMs: lag() };
}

const tickMs = 20;

/** The longest time, in milliseconds, that this process had no turn on its processor; ends the watch. */
function watchLag(): () => number {
  let last = performance.now();
  let worst = 0;
  const tick = () => {
    const now = performance.now();
    worst = Math.max(worst, now - last - tickMs);
    last = now;
  };
  const timer = setInterval(tick, tickMs);
  return () => {
    clearInterval(timer);
    tick();
    return Math.round(worst);
  };
}

type Hello = (host: string, port: number, bytes: number, limitMs: number) => Promise<Look>;

async function lookAt({ node, host }: Peer, hello: Hello): Promise<PeerLook> {
  const asked = Array.from({ length: smallAsks }, () => hello(host, agentPort, sizes.small, limits.small));
  const small = await Promise.all(asked);
  const answered = small.filter(({ why }) => why === undefined);
  const why = small.findLast((look) => look.why !== undefined)?.why;
  const seen = {
    node,
    answered: answered.length,
    slow: small.filter(({ ms }) => ms >= slowMs).length,
    ms: Math.min(...small.map(({ ms }) => ms)),
    ...(why !== undefined && { why }),
  };
  if (answered.length === 0) return seen;
  return { ...seen, large: await hello(host, agentPort, sizes.large, limits.large) };
}

/** Each attempt may be led to another pod, and some of these may be out of reach: one that is lost is none of the service's, nor are five. */
function untilAnswered(limitMs: number, attempt: () => Promise<Look>): Promise<Look> {
  const began = performance.now();
  return new Promise((resolve) => {
    let open = 0;
    let isLast = false;
    const begin = async () => {
      isLast = performance.now() - began + againMs >= limitMs;
      if (isLast) clearInterval(timer);
      open += 1;
      const look = await attempt();
      open -= 1;
      if (look.why !== undefined && !(isLast && open === 0)) return;
      clearInterval(timer);
      resolve({ ...look, ms: Math.round(performance.now() - began) });
    };
    const timer = setInterval(begin, againMs);
    begin();
  });
}

interface Greeting {
  readonly key: string;
  readonly ways: Ways;
  readonly host: string;
  readonly port: number;
  readonly bytes: number;
}

/** Asks for so many bytes, and has them from an agent of this run. */
async function greet({ key, ways, host, port, bytes }: Greeting, signal: AbortSignal): Promise<void> {
  const path = `${paths.hello}?bytes=${bytes}`;
  const own = signed(key, { method: 'GET', path });
  const socket = await ways.connect(host, port, signal);
  try {
    const { body, proof } = await get(socket, path, own, bytes, signal);
    if (body.length !== bytes || !isProven(key, own[headers.once] ?? '', body, proof))
      throw Object.assign(new Error('not an agent of this run'), { code: 'wrong_response' });
  } finally {
    socket.destroy();
  }
}

function get(socket: Duplex, path: string, own: Record<string, string>, bytes: number, signal: AbortSignal) {
  return new Promise<{ body: string; proof: unknown }>((resolve, reject) => {
    const asked = request({ path, headers: { ...own, host: 'agent' }, createConnection: () => socket, signal });
    asked.once('error', reject);
    asked.once('response', (response) => {
      let body = '';
      response.setEncoding('latin1');
      response.on('data', (text: string) => {
        body += text;
        if (body.length > bytes) response.destroy();
      });
      response.once('error', reject);
      response.once('close', () => resolve({ body, proof: response.headers[headers.proof] }));
    });
    asked.end();
  });
}
