import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface WebServer {
  /** The listener on 127.0.0.1. */
  readonly port: number;
  close(): void;
}

/** Its port. Default: one that is free. */
export async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

export async function serving(server: Server): Promise<WebServer> {
  const port = await listen(server);
  return {
    port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
