/** What observes the cluster from outside, bound to one run. */
import type { MeshProbe } from '../model/mesh.ts';
import type { DnsProbe, HttpProbe } from '../model/probing.ts';
import type { RunScope } from '../model/scope.ts';
import { createMeshProbe } from './agent.ts';
import { createDnsProbe } from './dns.ts';
import { createHttpProbe } from './http.ts';
import type { ProbeOptions } from './probe-options.ts';

export interface Probes {
  readonly http: HttpProbe;
  readonly dns: DnsProbe;
  readonly mesh: MeshProbe;
  close(): Promise<void>;
}

export function createProbes(scope: RunScope, options: ProbeOptions): Probes {
  const http = createHttpProbe(scope, options);
  const mesh = createMeshProbe(scope, options);
  return {
    http,
    dns: createDnsProbe(scope, options),
    mesh,
    close: async () => void (await Promise.all([http.close(), mesh.close()])),
  };
}
