/** The way to a server: which trouble on it is ours to mend, whoever stands at its end. Pure; kube/ and probes/ read it. */

/** Trouble of this machine, of its settings, or of what they name: the cluster has no part in it. */
export interface OwnTrouble {
  /** What to change. */
  readonly mend: string;
  /** Another try comes to the same. */
  readonly isFinal: boolean;
}

const settled = (mend: string): OwnTrouble => ({ mend, isFinal: true });
const passing = (mend: string): OwnTrouble => ({ mend, isFinal: false });

const unknownSigner = settled(
  'the authority that signs its certificate is not known here: put it into certificate-authority-data of the kubeconfig, or into NODE_EXTRA_CA_CERTS where a proxy breaks TLS open',
);
const noWay = passing('this machine has no way there: look at its network, firewall and limits');

/** By the code of the error. Sources: nodejs.org/api/tls.html (X509 certificate error codes), errno(3). */
const byCode: readonly (readonly [RegExp, OwnTrouble])[] = [
  [
    /^(UNABLE_TO_(VERIFY|GET|DECODE|DECRYPT)_|SELF_SIGNED_|DEPTH_ZERO_|CERT_(UNTRUSTED|REJECTED|SIGNATURE|CHAIN)|INVALID_(CA|PURPOSE)|PATH_LENGTH)/,
    unknownSigner,
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$|^HOSTNAME_MISMATCH$/,
    settled(
      'its certificate is of another name: set tls-server-name in the kubeconfig, or a server that is on the certificate',
    ),
  ],
  [/^CERT_NOT_YET_VALID$/, settled('its certificate is not valid yet: look at the clock of this machine')],
  [
    /^ERR_SSL_.*(ALERT_(BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_|UNKNOWN_CA|UNKNOWN_CERTIFICATE)|CERTIFICATE_REQUIRED)/,
    settled('it does not accept our client certificate: renew client-certificate-data in the kubeconfig'),
  ],
  [
    /^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG)$|^ERR_SSL_HTTP_REQUEST$/,
    settled('it speaks no TLS: look at http and https in the server of the kubeconfig'),
  ],
  [
    /^(ERR_OSSL_|ERR_CRYPTO_|ERR_TLS_INVALID)/,
    settled(
      'a key or certificate of the kubeconfig cannot be used: look at client-certificate-data, client-key-data and certificate-authority-data',
    ),
  ],
  [
    /^(ENOTFOUND|EAI_\w+|EDNS\w*|ENODATA)$/,
    passing(
      'its name is not known here: look at the server of the kubeconfig, and at the name servers of this machine',
    ),
  ],
  [
    /^REDIRECTED$/,
    passing(
      'no API server sends its callers elsewhere: look at the gateway, proxy or login page that does, or set the server of the kubeconfig to where it leads',
    ),
  ],
  [/^(ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EACCES|EPERM|EMFILE|ENFILE|ENOBUFS|ENOMEM)$/, noWay],
];

/** Answers of a proxy to CONNECT that speak of what lies behind it. */
const beyondProxy = new Set([502, 503, 504]);
/** What a connection comes to that does not even reach a proxy: what is beyond it shows otherwise. */
const connecting =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|UND_ERR_PRX_TLS)$/;

/** Something on the way sends us elsewhere. */
class Redirected extends Error {
  override readonly name = 'Redirected';
  readonly code = 'REDIRECTED';
}

const redirects = new Set([301, 302, 303, 307, 308]);

/** `asked`: the URL. Never followed: credentials are for nobody else, and of a create that is sent again as a GET nothing comes. */
export function redirectIn(status: number, location: string | undefined, asked: string): Error | undefined {
  if (!redirects.has(status)) return undefined;
  const to = location === undefined ? null : URL.parse(location, asked);
  return new Redirected(`${to ? `to ${to.protocol}//${to.host}${to.pathname}` : 'nowhere'}, ${status}`);
}

/** Of the API server. Undefined: it may be the other end's. `proxy`: how it is named where one is used. */
export function ownTrouble(error: unknown, proxy?: string): OwnTrouble | undefined {
  const ofProxy = proxy ? proxyTrouble(error) : undefined;
  if (ofProxy) {
    const mend = `the proxy ${withoutLogin(proxy ?? '')} ${ofProxy.what}: look at proxy-url in the kubeconfig, or HTTPS_PROXY and NO_PROXY`;
    return { mend, isFinal: ofProxy.isFinal };
  }
  const code = codesOf(error).find((one) => byCode.some(([pattern]) => pattern.test(one)));
  return code === undefined ? undefined : byCode.find(([pattern]) => pattern.test(code))?.[1];
}

/** Undefined where the proxy did its part: what lies behind it failed, or nothing did. */
export function proxyTrouble(error: unknown): { readonly what: string; readonly isFinal: boolean } | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const status = Number(/Proxy response \((\d+)\)/.exec(cause.message)?.[1] ?? 0);
    if (beyondProxy.has(status)) return undefined;
    if (status) return { what: `answers ${status}${status === 407 ? ' and wants a login' : ''}`, isFinal: true };
  }
  const code = codesOf(error).find((one) => connecting.test(one));
  return code === undefined ? undefined : { what: `cannot be reached (${code})`, isFinal: false };
}

/** Trouble of this machine with any connection, and none of who is asked. */
export function hostTrouble(error: unknown): string | undefined {
  return codesOf(error).find((code) =>
    /^(EADDRNOTAVAIL|EACCES|EPERM|EMFILE|ENFILE|ENOBUFS|ENOMEM|ENETDOWN)$/.test(code),
  );
}

function codesOf(error: unknown): readonly string[] {
  const codes: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') codes.push(cause.code);
  }
  return codes;
}

/** A URL that may be shown. */
export function withoutLogin(url: string): string {
  return url.replace(/\/\/[^/@\s]*@/, '//');
}
