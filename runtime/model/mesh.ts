/** Agents on the nodes, and what they find broken between them. Types only. */
import type { FindingCode } from '../findings.ts';
import type { HttpTarget } from './probing.ts';

/** An agent that answers for its node. */
export interface Member {
  readonly node: string;
  readonly pod: string;
  /** The pod's address. */
  readonly host: string;
}

/** Those of one run. */
export interface Agents {
  /** Who has it may ask them. */
  readonly key: string;
  readonly members: readonly Member[];
}

export interface Trouble {
  readonly code: FindingCode;
  /** The node; both of a pair; none where it is the whole cluster's. */
  readonly nodes: readonly string[];
  readonly message: string;
}

/** What the troubles are about, and after which time. */
export interface Found {
  readonly troubles: readonly Trouble[];
  readonly afterMs: number;
}

export interface MeshProbe {
  /**
   * Has every agent ask the service in front of them, the cluster's DNS and a few other agents; again and again, within one wait, where something is
   * wrong. One trouble for each broken node. Raises k8s.prerequisite_missing where this process cannot ask at all.
   */
  ask(agents: Agents, service: HttpTarget): Promise<Found>;
  /**
   * Has every agent resolve the names of the headless service in front of them: short, with its namespace, whole, that of a pod, and its SRV record; and
   * DNS_EXTERNAL_NAME where it is set. Again and again, within one wait, where something is wrong. Raises k8s.prerequisite_missing where this process
   * cannot ask at all.
   */
  resolve(agents: Agents, service: HttpTarget): Promise<Found>;
}
