import { getServers, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Defect, throwFindings } from '../defects.ts';
import type { FindingCode } from '../findings.ts';
import type { DnsResult } from '../model/measurement.ts';
import type { DnsProbe } from '../model/probing.ts';
import type { RunScope } from '../model/scope.ts';
import { domainServedBy } from './domain.ts';
import type { ProbeOptions } from './probe-options.ts';

/** Longest a DNS server may take for one answer, where the cluster has that long; a query lost on the way is sent again within it. */
const longestLookupMs = 5_000;
const resendMs = 1_000;

export interface Lookup {
  readonly result: DnsResult;
  readonly addresses: readonly string[];
  readonly server: string;
  readonly durationMs: number;
}

const results: Readonly<Record<string, DnsResult>> = {
  ENOTFOUND: 'nxdomain',
  ESERVFAIL: 'servfail',
  EREFUSED: 'refused',
  ENODATA: 'no_answer',
  ETIMEOUT: 'timeout',
  ECANCELLED: 'timeout',
  ECONNREFUSED: 'refused',
};

const saying: Readonly<Record<Exclude<DnsResult, 'healthy'>, string>> = {
  nxdomain: 'says that the name does not exist (NXDOMAIN)',
  servfail: 'failed (SERVFAIL)',
  refused: 'refused to answer',
  timeout: 'did not answer',
  no_answer: 'has no address for the name',
};

/** The servers to ask: DNS_SERVERS, else the system's. */
export function serversOf(options: ProbeOptions): readonly string[] {
  return options.dnsServers.length > 0 ? options.dnsServers : getServers();
}

/** Asks one server, by a resolver of its own since a shared one fails over silently. Never throws. */
export async function lookup(name: string, server: string, limitMs: number): Promise<Lookup> {
  const began = performance.now();
  const resolver = new Resolver({ timeout: resendMs, tries: 4 });
  resolver.setServers([server]);
  // The resolver's own time-out is off by up to three times.
  const timer = setTimeout(() => resolver.cancel(), Math.min(longestLookupMs, limitMs));
  try {
    const addresses = await resolver.resolve4(name).catch((error) => orIpv6(resolver, name, error));
    return { result: 'healthy', addresses, server, durationMs: performance.now() - began };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { result: results[code] ?? 'no_answer', addresses: [], server, durationMs: performance.now() - began };
  } finally {
    clearTimeout(timer);
  }
}

/** The addresses of a host for a request: itself, or what the first server that knows it says. */
export async function addressesOf(host: string, options: ProbeOptions): Promise<Lookup> {
  if (isIP(host)) return { result: 'healthy', addresses: [host], server: '', durationMs: 0 };
  let last: Lookup | undefined;
  for (const server of serversOf(options)) {
    last = await lookup(host, server, options.eventTimeoutMs);
    if (last.result === 'healthy') return last;
  }
  return last ?? { result: 'no_answer', addresses: [], server: 'none', durationMs: 0 };
}

export function createDnsProbe(scope: RunScope, options: ProbeOptions): DnsProbe {
  return {
    async resolve(name) {
      const lookups = await Promise.all(
        serversOf(options).map((server) => lookup(name, server, options.eventTimeoutMs)),
      );
      if (lookups.length === 0) throw new Defect('k8s.prerequisite_missing', 'No DNS server is known: set DNS_SERVERS');
      for (const { result, server, addresses, durationMs } of lookups) {
        scope.measure({ kind: 'dns', result });
        scope.observed({ target: 'dns', to: name, result, detail: server, durationMs });
        if (result === 'healthy') scope.note(`${server}: ${addresses.join(', ')} in ${durationMs.toFixed(0)} ms`);
      }
      const wrong = lookups.filter(({ result }) => result !== 'healthy');
      throwFindings(await Promise.all(wrong.map((failed) => dnsDefect(name, failed, options))));
    },
  };
}

export async function dnsDefect(
  name: string,
  { result, server, durationMs }: Lookup,
  options: ProbeOptions,
): Promise<Defect> {
  if (result === 'healthy') return new Defect('run.defect', `A healthy lookup of ${name} is no finding`);
  const message = `${name}: DNS server ${server} ${saying[result]} after ${durationMs.toFixed(0)} ms`;
  // Outside of the cluster the system's resolver knows nothing of it: that says nothing about the cluster.
  if (!options.inCluster && options.dnsServers.length === 0) {
    return new Defect(
      'k8s.prerequisite_missing',
      `${message}; this process runs outside of the cluster: set DNS_SERVERS to the cluster's DNS service`,
    );
  }
  const other = result === 'timeout' ? undefined : await otherDomain(name, server, options);
  if (other) return new Defect('k8s.prerequisite_missing', `${message}; ${other}`);
  return new Defect(`dns.${result}` satisfies FindingCode, message);
}

/** What to say where the name is of our CLUSTER_DOMAIN and the server is known to serve another. */
async function otherDomain(name: string, server: string, options: ProbeOptions): Promise<string | undefined> {
  const { clusterDomain, inCluster } = options;
  const bare = (domain: string) => domain.replace(/\.$/, '').toLowerCase();
  if (!clusterDomain || !bare(name).endsWith(`.${bare(clusterDomain)}`)) return undefined;
  const served = await domainServedBy(server, inCluster);
  if (!served || bare(served) === bare(clusterDomain)) return undefined;
  return `the domain of this cluster is ${served}, not ${clusterDomain}: set CLUSTER_DOMAIN=${served}`;
}

function orIpv6(resolver: Resolver, name: string, error: unknown): Promise<string[]> {
  if (error instanceof Error && 'code' in error && error.code === 'ENODATA') return resolver.resolve6(name);
  throw error;
}
