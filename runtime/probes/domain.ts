/** The DNS domain of a cluster, as its DNS server tells it: nobody is blamed for names of a domain that is another's. */

import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

const longestMs = 2_000;
/** What most clusters have. */
const usual = 'cluster.local';

/**
 * The domain that the server is known to serve, where that is told by something other than the setting: the search list of this pod,
 * the server's own name, or the API server's name in the usual domain. Undefined where nothing tells. At most 2 s; never throws.
 */
export async function domainServedBy(server: string, inCluster: boolean): Promise<string | undefined> {
  const resolver = new Resolver({ timeout: 500, tries: 3 });
  resolver.setServers([server]);
  const timer = setTimeout(() => resolver.cancel(), longestMs);
  try {
    const answers = await Promise.all(
      [
        inCluster ? searched() : undefined,
        ownName(resolver, hostOf(server)),
        resolver.resolve4(`kubernetes.default.svc.${usual}`).then(() => usual),
      ].map((asked) => Promise.resolve(asked).catch(() => undefined)),
    );
    return answers.find((domain) => domain !== undefined);
  } finally {
    clearTimeout(timer);
  }
}

/** A kubelet writes `<namespace>.svc.<domain> svc.<domain> <domain>` there. */
async function searched(): Promise<string | undefined> {
  return /^search\s.*?\bsvc\.(\S+)/m.exec(await readFile('/etc/resolv.conf', 'utf8'))?.[1];
}

/** Its address is a service's where it is the cluster's. */
async function ownName(resolver: Resolver, address: string): Promise<string | undefined> {
  const names = await resolver.reverse(address);
  return names.flatMap((name) => /\.svc\.(.+?)\.?$/.exec(name)?.[1] ?? [])[0];
}

/** `address`, `address:port`, `[v6]:port` → the address. */
function hostOf(server: string): string {
  if (isIP(server)) return server;
  return /^\[([^\]]+)\]/.exec(server)?.[1] ?? server.replace(/:\d+$/, '');
}
