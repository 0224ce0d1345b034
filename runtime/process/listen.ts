import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/shape.ts';

/** The port cannot be had; the message says what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use: stop the other process, or set PORT to a free one',
  EACCES: 'may not be used by this user: set PORT to one above 1023',
  EADDRNOTAVAIL: 'is not on an address of this machine: set HOST to one that is, such as 0.0.0.0',
  EAFNOSUPPORT: 'is on an address of a family that this machine does not have: set HOST to another, such as 0.0.0.0',
  ENOTFOUND: 'is under a name that no one knows: set HOST to one that is, such as 0.0.0.0',
};

/** What a machine without IPv6 says of `::`. */
const noIPv6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL']);

/** Listens on HOST and PORT and returns the URL to open. Throws a ListenError. */
export async function listen(app: FastifyInstance, { host, port }: Pick<Config, 'host' | 'port'>): Promise<string> {
  const at = (address: string) =>
    app.listen({ host: address, port, listenTextResolver: (text) => `listening on ${text}` });
  try {
    await at(host).catch((error: NodeJS.ErrnoException) => {
      if (host !== '::' || !noIPv6.has(error.code ?? '')) throw error;
      return at('0.0.0.0');
    });
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? reasons[String(error.code)] : undefined;
    if (reason === undefined) throw error;
    throw new ListenError(`Port ${port} of ${host} ${reason}`, { cause: error });
  }
  const [address] = app.addresses();
  return `http://${nameOf(host)}:${typeof address === 'object' ? address.port : port}/`;
}

/** What a browser on this machine takes: a wildcard address is none. */
function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
