/** The cluster's DNS server, over UDP. */
import { createSocket } from 'node:dgram';
import dnsPacket from 'dns-packet';
import type { Cluster } from '../cluster.ts';
import { clusterDomain, lookUp, nameOf, portsOf } from './names.ts';

export interface DnsServer {
  /** `127.0.0.1:5353` */
  readonly address: string;
  close(): Promise<void>;
}

const ttl = 5;
const codes = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;

interface Answer {
  code: keyof typeof codes;
  answers: dnsPacket.Answer[];
}

export async function startDns(cluster: Cluster): Promise<DnsServer> {
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    if (cluster.faults.on('dns-timeout')) return;
    const reply = replyTo(cluster, message);
    if (reply) socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject).bind(0, '127.0.0.1', resolve);
  });
  return {
    address: `127.0.0.1:${socket.address().port}`,
    close: () => new Promise((resolve) => void socket.close(() => resolve())),
  };
}

/** Undefined: what came is not a question. */
function replyTo(cluster: Cluster, message: Buffer): Buffer | undefined {
  let query: dnsPacket.DecodedPacket;
  try {
    query = dnsPacket.decode(message);
  } catch {
    return undefined;
  }
  const question = query.questions?.[0];
  if (query.type !== 'query' || !question) return undefined;
  const { code, answers } = faulty(cluster) ?? resolve(cluster, question);
  return dnsPacket.encode({
    id: query.id ?? 0,
    type: 'response',
    flags: codes[code] | dnsPacket.AUTHORITATIVE_ANSWER | ((query.flags ?? 0) & dnsPacket.RECURSION_DESIRED),
    questions: [question],
    answers,
    ...(answers.length === 0 && code !== 'REFUSED' && { authorities: [authority()] }),
  });
}

function faulty({ faults }: Cluster): Answer | undefined {
  if (faults.on('dns-nxdomain')) return { code: 'NXDOMAIN', answers: [] };
  if (faults.on('dns-servfail')) return { code: 'SERVFAIL', answers: [] };
  return undefined;
}

function resolve(cluster: Cluster, { name, type }: dnsPacket.Question): Answer {
  const reverse = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/i.exec(name);
  if (reverse) {
    const data = nameOf(cluster, reverse.slice(1).reverse().join('.'));
    if (!data) return { code: 'NXDOMAIN', answers: [] };
    return { code: 'NOERROR', answers: type === 'PTR' ? [{ type: 'PTR', name, ttl, data }] : [] };
  }
  // A real CoreDNS asks the resolvers of its node; there are none here.
  if (!name.toLowerCase().endsWith(`.${clusterDomain}`)) return { code: 'REFUSED', answers: [] };
  const ports = portsOf(cluster, name);
  if (ports.length > 0) {
    const weight = Math.floor(100 / ports.length);
    const answers = ports.map((data) => ({ type: 'SRV' as const, name, ttl, data: { priority: 0, weight, ...data } }));
    return { code: 'NOERROR', answers: type === 'SRV' ? answers : [] };
  }
  const addresses = lookUp(cluster, name);
  if (addresses.length === 0) return { code: 'NXDOMAIN', answers: [] };
  const answers = type === 'A' ? addresses.map((data) => ({ type: 'A' as const, name, ttl, data })) : [];
  return { code: 'NOERROR', answers };
}

function authority(): dnsPacket.Answer {
  return {
    type: 'SOA',
    name: clusterDomain,
    ttl,
    data: {
      mname: `ns.dns.${clusterDomain}`,
      rname: `hostmaster.${clusterDomain}`,
      serial: 1,
      refresh: 7200,
      retry: 1800,
      expire: 86_400,
      minimum: ttl,
    },
  };
}
