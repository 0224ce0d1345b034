/** The way to the API server: which trouble on it is ours to mend, whoever stands at its end. Pure. */

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
  [/^(ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EACCES|EPERM|EMFILE|ENFILE|ENOBUFS|ENOMEM)$/, noWay],
];

/** Answers of a proxy to CONNECT that speak of what lies behind it. */
const beyondProxy = new Set([502, 503, 504]);
/** What a connection comes to that does not even reach a proxy: what is beyond it shows otherwise. */
const connecting =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|UND_ERR_PRX_TLS)$/;

/** Undefined: it may be the other end's. `proxy`: how it is named where one is used. */
export function ownTrouble(error: unknown, proxy?: string): OwnTrouble | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const refused = Number(/Proxy response \((\d+)\)/.exec(cause.message)?.[1] ?? 0);
    if (refused && !beyondProxy.has(refused))
      return settled(
        `the proxy ${proxy ?? ''} answers ${refused}${refused === 407 ? ' and wants a login' : ''}: look at proxy-url in the kubeconfig, or HTTPS_PROXY and NO_PROXY`,
      );
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    if (proxy && connecting.test(code))
      return passing(
        `the proxy ${proxy} cannot be reached: look at proxy-url in the kubeconfig, or HTTPS_PROXY and NO_PROXY`,
      );
    const known = byCode.find(([pattern]) => pattern.test(code));
    if (known) return known[1];
  }
  return undefined;
}
