import type { ProbeView } from '../../model/evidence.ts';

/** Newest first to stay: of pods and of each other kind of target; 80 in all. Of a mesh, which keeps no others but pods, seven nodes. */
const most = { pod: 20, 'service-ip': 10, 'service-name': 10, 'node-port': 30, edge: 10, dns: 10, mesh: 60 } as const;
/** Nodes that answer, as many as a diagnosis names beside those that do not. */
const mostAnswering = 10;

/** Probes of one run, kept for evidence. */
export class KeptProbes {
  readonly #all: ProbeView[] = [];

  get all(): readonly ProbeView[] {
    return this.#all;
  }

  /** Of each target the newest: a service that is awaited for a minute must not push out what its pods answered. */
  keep(probe: ProbeView): void {
    // Of each node the newest: one that is awaited for a minute must not push out the others.
    if (probe.target === 'node-port') this.#drop(({ target, to }) => target === probe.target && to === probe.to);
    this.#all.push(probe);
    const alike = this.#all.filter(({ target }) => target === probe.target);
    if (alike.length <= most[probe.target]) return;
    const answering = probe.target === 'node-port' ? alike.filter(({ result }) => result === '200') : [];
    const oldest = answering.length > mostAnswering ? answering[0] : alike[0];
    this.#drop((kept) => kept === oldest);
  }

  #drop(isIt: (probe: ProbeView) => boolean): void {
    const index = this.#all.findIndex(isIt);
    if (index >= 0) this.#all.splice(index, 1);
  }
}
