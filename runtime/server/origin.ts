/** Whether what changes something here comes from our own page, where it comes from a page at all. */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

export interface Known {
  /** ALLOWED_HOSTS: names that browsers reach us under by plain HTTP; `*.example.net` stands for those below it, `*` for all. */
  readonly allowedHosts?: readonly string[];
  /** CLUSTER_DOMAIN; default cluster.local. */
  readonly clusterDomain?: string;
}

/**
 * Why a request may not come from where it does; undefined where it may. What is no browser sends neither Origin nor Sec-Fetch-Site.
 *
 * Sec-Fetch-Site comes only where the browser trusts the connection (https, localhost), Origin with every POST
 * (https://www.w3.org/TR/fetch-metadata/). A name that is not ours may lead to our address (DNS rebinding): its page then has our own origin.
 * By https it cannot, since its certificate would have to be served here.
 */
export function refusalOfOrigin(headers: IncomingHttpHeaders, known: Known): string | undefined {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return otherSite;
  if (origin === undefined) return undefined;
  const from = URL.parse(origin);
  if (!from) return site === undefined ? otherSite : undefined;
  if (site === undefined && !served(headers, from.protocol).includes(from.host)) return otherSite;
  if (from.protocol === 'https:' || isOurs(from.hostname, known)) return undefined;
  return `${from.hostname} is not a known name of this page: add it to ALLOWED_HOSTS, or serve the page over https`;
}

const otherSite = 'Cross-site request refused';

/** The hosts that the browser may have asked for, with the port unless it is the scheme's own. */
function served(headers: IncomingHttpHeaders, protocol: string): readonly string[] {
  // Of several proxies the first says what the browser asked for.
  const first = (value: string | string[] | undefined) =>
    String(value ?? '')
      .split(',', 1)[0]!
      .trim();
  const forwarded = /(?:^|;)\s*host="?([^";]+)"?/i.exec(first(headers.forwarded))?.[1] ?? '';
  const hosts = [first(headers['x-forwarded-host']), forwarded, headers.host ?? ''];
  const port = first(headers['x-forwarded-port']);
  const urls = hosts.map((host) => URL.parse(`${protocol}//${host}`)).filter((url) => url !== null);
  // A proxy may tell the port apart from the name.
  const moved = urls.filter(({ port: own }) => own === '' && /^\d+$/.test(port)).map(({ host }) => `${host}:${port}`);
  return [...urls.map(({ host }) => host), ...moved];
}

/** Names that nobody else can have lead here: addresses, this machine, Services of the cluster, and those we were told. */
function isOurs(hostname: string, { allowedHosts = [], clusterDomain = 'cluster.local' }: Known): boolean {
  const name = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  if (isIP(name) !== 0 || !name.includes('.')) return true;
  const below = ['localhost', 'svc', clusterDomain.replace(/\.$/, '').toLowerCase()];
  return (
    below.some((domain) => name.endsWith(`.${domain}`)) ||
    allowedHosts.some(
      (host) => host === '*' || host === name || (host.startsWith('*.') && name.endsWith(host.slice(1))),
    )
  );
}
