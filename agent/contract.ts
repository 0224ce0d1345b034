/** What is said between a run, its agents, and agents among themselves. */

/** Agents listen there. Also the port of every other test pod: policies open one. */
export const agentPort = 8080;
/** Their host name, and the name of their port: of a headless service in front of them, both are names in the DNS. */
export const agentName = 'agent';
export const agentPortName = 'agent';
/** The service in front of the agents. */
export const servicePort = 80;

export const paths = {
  /** For the kubelet, unsigned: it says nothing. */
  healthy: '/healthz',
  /** POST of an AgentQuestion; the answer is an AgentReport. */
  ask: '/ask',
  /** POST of a NamesQuestion; the answer is a NamesReport. */
  names: '/names',
  /** GET, `?bytes=`: what agents ask each other. */
  hello: '/hello',
} as const;

/** By which its DaemonSet tells an agent the key of its run, and the node that it is on. */
export const agentVariables = { key: 'AGENT_KEY', node: 'AGENT_NODE' } as const;

/** Bytes of a small and of a large answer. A large one fills packets of 9,000 bytes too. */
export const sizes = { small: 16, large: 32_768 } as const;
/** Small answers that are asked of each peer, each on a connection of its own. */
export const smallAsks = 5;
/** TCP sends a lost first packet again after a second: an answer that took longer lost one, or its way is slow. */
export const slowMs = 900;
/** Others that one agent asks in a round. */
export const mostPeers = 8;

/** Milliseconds for what an agent asks; never more than its question allows. A large answer is asked for after the small ones. */
export const limits = { attempt: 1_000, service: 5_000, name: 4_500, small: 2_500, large: 2_500 } as const;
/** What a question may allow. */
export const reportMs = { least: 1_000, most: 5_000 } as const;

export interface Peer {
  readonly node: string;
  /** The pod's address. */
  readonly host: string;
}

export interface AgentQuestion {
  /** The address of the service in front of the agents. */
  readonly service: string;
  readonly peers: readonly Peer[];
  /** Milliseconds in which it reports; from 1,000 to 5,000. */
  readonly withinMs: number;
}

/** `why`: a word: timeout, ECONNREFUSED, nxdomain; absent: it was as it should be. */
export interface Look {
  readonly ms: number;
  readonly why?: string;
}

export interface PeerLook {
  readonly node: string;
  /** How many of `smallAsks` were answered, and how many of these, or of the silent ones, took `slowMs` and more. */
  readonly answered: number;
  readonly slow: number;
  /** The quickest. */
  readonly ms: number;
  /** Of the last that was not answered. */
  readonly why?: string;
  /** Absent: no small one was answered, a large one was not asked for. */
  readonly large?: Look;
}

export interface AgentReport {
  readonly node: string;
  readonly service: Look;
  /** Of kubernetes.default.svc in the domain of the pod's own resolv.conf. */
  readonly dns: Look;
  readonly peers: readonly PeerLook[];
  /** The longest that the agent itself had no turn meanwhile: what took long then may have waited for it, and not for the network. */
  readonly lagMs: number;
}

/** Names of one question, and records of one name that a report holds. */
export const mostNames = 8;
export const mostRecords = 8;

/** address: A, or AAAA where there is none; service: SRV. */
export type RecordType = 'address' | 'service';

export interface NamesQuestion {
  /** A name that ends with a dot is asked for as it is; others as by the search domains of the pod. */
  readonly names: readonly { readonly name: string; readonly type: RecordType }[];
  /** Milliseconds in which it reports; from 1,000 to 5,000. */
  readonly withinMs: number;
}

export interface NameLook extends Look {
  readonly name: string;
  /** Addresses, or `port target`; in order, `mostRecords` at most. */
  readonly records: readonly string[];
  /** How many there are. */
  readonly found: number;
}

export interface NamesReport {
  readonly node: string;
  /** In the order of the question. */
  readonly names: readonly NameLook[];
}
