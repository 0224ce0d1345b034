import type { ProbeView } from '../../model/evidence.ts';

/** Newest first to stay: of pods and of each other kind of target; 50 in all. */
const most = { pod: 20, 'service-ip': 10, 'service-name': 10, dns: 10 } as const;

/** Probes of one run, kept for evidence. */
export class KeptProbes {
  readonly #all: ProbeView[] = [];

  get all(): readonly ProbeView[] {
    return this.#all;
  }

  /** Of each target the newest: a service that is awaited for a minute must not push out what its pods answered. */
  keep(probe: ProbeView): void {
    this.#all.push(probe);
    const alike = this.#all.filter(({ target }) => target === probe.target);
    if (alike.length > most[probe.target]) this.#all.splice(this.#all.indexOf(alike[0] as ProbeView), 1);
  }
}
