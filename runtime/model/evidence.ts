/** What of an object we keep, and what the objects showed at the moment of a failure. Types only. */
import type { ObjectRef } from './object-ref.ts';

export interface ConditionView {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly since?: string;
}

export interface ContainerView {
  readonly name: string;
  readonly ready: boolean;
  readonly state: 'waiting' | 'running' | 'terminated' | 'unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly exitCode?: number;
  readonly restarts: number;
  /** How it ended the time before, where it did. */
  readonly last?: { readonly reason?: string; readonly exitCode?: number; readonly message?: string };
  /** As the container runtime names it. */
  readonly image?: string;
  readonly imageId?: string;
}

export interface PodView {
  readonly name: string;
  readonly uid: string;
  readonly createdAt: string;
  /** As the pod's spec names it. */
  readonly image: string;
  readonly node?: string;
  readonly ip?: string;
  /** Of both families, where it has addresses of both; the first is `ip`. */
  readonly ips?: readonly string[];
  readonly phase: string;
  /** Of the status: Evicted, NodeShutdown, Preempting … */
  readonly reason?: string;
  /** Set once the pod is being deleted; such a pod never counts. */
  readonly deletedAt?: string;
  readonly graceSeconds?: number;
  readonly owner?: string;
  readonly conditions: readonly ConditionView[];
  /** Those that run side by side: sidecars too, also the ones that are declared as init containers which are restarted always. */
  readonly containers: readonly ContainerView[];
  /** Those that must end, in their order, before the containers begin. */
  readonly init?: readonly ContainerView[];
}

export interface DeploymentView {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly observedGeneration: number;
  readonly wanted: number;
  readonly replicas: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
  readonly image: string;
  readonly conditions: readonly ConditionView[];
}

export interface ReplicaSetView {
  readonly name: string;
  readonly owner?: string;
  readonly wanted: number;
  readonly replicas: number;
  readonly ready: number;
  readonly image: string;
  readonly conditions: readonly ConditionView[];
}

export interface EndpointsView {
  readonly service: string;
  /** The controller has made the object. */
  readonly exists: boolean;
  readonly api: 'endpointslice' | 'endpoints';
  readonly addresses: readonly string[];
  readonly notReady: readonly string[];
  /** Slices that carry the service's label and are owned by no service: traffic goes to their addresses all the same. */
  readonly foreign?: readonly { readonly slice: string; readonly by?: string; readonly addresses: readonly string[] }[];
}

export interface NodeView {
  readonly name: string;
  readonly zone?: string;
  readonly ready: boolean;
  readonly readySince?: string;
  readonly readyReason?: string;
  readonly readyMessage?: string;
  readonly unschedulable: boolean;
  readonly taints: readonly string[];
}

export interface EventView {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly object: ObjectRef;
  readonly count: number;
  readonly lastSeen: string;
  readonly source?: string;
}

/** One observation from outside. */
export interface ProbeView {
  readonly target: 'pod' | 'service-ip' | 'service-name' | 'node-port' | 'edge' | 'dns' | 'mesh';
  /** Address, or name asked; of the mesh: the node, `service address`, `cluster DNS`, or which name: `the short name`. */
  readonly to: string;
  /** The pod probed, and its node, where it is one; the node whose port was asked; of the mesh: the one that asked. */
  readonly pod?: string;
  readonly node?: string;
  /** Status code, wrong_response, connection_error, timeout, or a DnsResult. */
  readonly result: string;
  readonly detail?: string;
  readonly durationMs: number;
}

/** An object of a kind that has no view of its own. */
export interface ObjectView {
  /** lower case, as kubectl says it */
  readonly kind: string;
  readonly name: string;
  /** What its status says, in one phrase: "2 of 3 completions, 1 failed". */
  readonly state?: string;
  readonly conditions: readonly ConditionView[];
  /** Its controller has looked at it since it was changed last; absent where nobody says. */
  readonly isObserved?: boolean;
}

/** The object state at the moment of a failure. Bounded: 50 of each, texts cut at 1,000 characters. */
export interface Evidence {
  readonly at: string;
  readonly deployment?: DeploymentView;
  readonly replicaSets: readonly ReplicaSetView[];
  readonly pods: readonly PodView[];
  readonly endpoints?: EndpointsView;
  /** Of other kinds that the suite declares. */
  readonly objects?: readonly ObjectView[];
  readonly namespace?: {
    readonly name: string;
    readonly phase: string;
    readonly conditions: readonly ConditionView[];
    readonly deletedAt?: string;
  };
  readonly nodes: readonly NodeView[];
  readonly events: readonly EventView[];
  readonly probes: readonly ProbeView[];
  /** The requests whose lists were longer than what was read of them: "list pods". Who counts them must not. */
  readonly partial?: readonly string[];
  readonly logs: readonly { readonly pod: string; readonly lines: readonly string[] }[];
  /** When the API server was away, as far as this process saw: ISO instants; no `until`: it has not answered since. `by`: ECONNREFUSED, 503. */
  readonly outage?: { readonly from: string; readonly until?: string; readonly by: string };
  /** Answers of the API server that were not what was asked for. */
  readonly api: readonly {
    readonly request: string;
    readonly status: number | 'no answer';
    readonly message: string;
  }[];
}
