/** Which listener on 127.0.0.1 stands behind an address of the cluster. */

import type { Dial } from './dial.ts';
import type { ServiceTable } from './service-proxy.ts';

export interface Network {
  /** Opens a port of a pod's address. */
  expose(ip: string, port: number, localPort: number): void;
  /** The address is gone with all its ports. */
  withdraw(ip: string): void;
  /** A pod has this address. */
  attach(ip: string): void;
  attached(ip: string): boolean;
  dial(ip: string, port: number): Dial;
  /** Services, once their table exists. */
  use(services: ServiceTable): void;
}

export function createNetwork(): Network {
  const pods = new Map<string, Map<number, number>>();
  let services: ServiceTable | undefined;

  const dialPod = (ip: string, port: number): Dial => {
    const ports = pods.get(ip);
    if (!ports) return { kind: 'silent' };
    const local = ports.get(port);
    return local === undefined ? { kind: 'refused' } : { kind: 'port', port: local, ip };
  };

  return {
    attach: (ip) => {
      pods.set(ip, pods.get(ip) ?? new Map());
    },
    attached: (ip) => pods.has(ip),
    expose: (ip, port, localPort) => {
      pods.get(ip)?.set(port, localPort);
    },
    withdraw: (ip) => {
      pods.delete(ip);
    },
    dial: (ip, port) => services?.dial(ip, port, dialPod) ?? dialPod(ip, port),
    use: (table) => {
      services = table;
    },
  };
}
