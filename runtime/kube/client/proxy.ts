/** Which proxy leads to a server, by the environment. As Go reads it (golang.org/x/net/http/httpproxy), and ALL_PROXY as curl does. Pure. */
import { BlockList, isIP } from 'node:net';

export interface Proxies {
  readonly http?: string;
  readonly https?: string;
  readonly all?: string;
  /** NO_PROXY: hosts, domains, addresses and networks with commas between them, each with a port where it has one; `*` for all. */
  readonly none?: string;
}

/** Undefined: none. A server on this machine never has one. */
export function proxyFor(server: string, proxies: Proxies): string | undefined {
  const url = URL.parse(server);
  if (!url) return undefined;
  const proxy = (url.protocol === 'https:' ? proxies.https : proxies.http) ?? proxies.all;
  if (!proxy || isExempt(url, proxies.none ?? '')) return undefined;
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

function isExempt({ hostname, port, protocol }: URL, none: string): boolean {
  const host = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  if (host === 'localhost' || isWithin(host, '127.0.0.0/8') || host === '::1') return true;
  const ofServer = port || (protocol === 'https:' ? '443' : '80');
  return none
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => exempts(entry.toLowerCase(), host, ofServer));
}

function exempts(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isWithin(host, entry);
  const [, bracketed, plain = '', onPort] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [
    undefined,
    undefined,
    entry,
  ];
  if (onPort && onPort !== port) return false;
  const name = bracketed ?? plain;
  if (isIP(name)) return name === host;
  const domain = name.replace(/^\*?\./, '');
  const isSubdomain = host.endsWith(`.${domain}`);
  // `.example.com` speaks of what is below it, `example.com` of itself too.
  return domain !== '' && (isSubdomain || (host === domain && !/^\*?\./.test(name)));
}

function isWithin(host: string, network: string): boolean {
  const [address = '', bits] = network.split('/');
  const family = isIP(address);
  if (isIP(host) !== family || family === 0) return false;
  try {
    const list = new BlockList();
    list.addSubnet(address, Number(bits), family === 6 ? 'ipv6' : 'ipv4');
    return list.check(host, family === 6 ? 'ipv6' : 'ipv4');
  } catch {
    return false;
  }
}
