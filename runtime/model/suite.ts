/** What a suite declares, and what it may do. Types only. */
import type { MeshProbe } from './mesh.ts';
import type { DnsProbe, HttpProbe } from './probing.ts';
import type { Creatable, Findable, Resource } from './resource.ts';
import type { Grant, Use } from './use.ts';

/** What a requirement may ask a cluster. */
export interface Inquiry {
  /** All objects of a kind, as { apiVersion: 'storage.k8s.io/v1', plural: 'storageclasses' }; undefined where it is not served. Raises api.*. */
  list<T>(kind: { readonly apiVersion: string; readonly plural: string }): Promise<readonly T[] | undefined>;
  /** Whether the API server, or what stands behind it, serves that API, as `metrics.k8s.io/v1beta1`, and in it `plural`, where one is named. Raises api.*. */
  serves(apiVersion: string, plural?: string): Promise<boolean>;
  /** AGENT_IMAGE; undefined: it is not set. */
  readonly agentImage?: string;
  /** INGRESS_CLASS; undefined: the cluster's default. */
  readonly ingressClass?: string;
  /** GATEWAY; undefined: none is shared. */
  readonly gateway?: { readonly namespace: string; readonly name: string };
}

/** What the cluster must offer for a suite to make sense. */
export interface Requirement {
  /** Such as default-storage-class. */
  readonly name: string;
  /** Why it is not met, as a sentence without a full stop; undefined: it is. One request, or two. */
  unmet(cluster: Inquiry): Promise<string | undefined>;
  /** The rights in the whole cluster that its questions need, as `{ group: 'storage.k8s.io', resource: 'storageclasses', verbs: ['list'] }`. Default: none. */
  readonly grants?: readonly Grant[];
}

export interface SuiteContext<Step extends string = string> {
  /**
   * Hard: a failure ends the suite, the steps after it are `skipped`. Returns what `fn` returns. Where test pods were removed by
   * somebody else in the midst of it, it is repeated, once: `again` is true then, and what was read before is outdated.
   */
  step<T>(name: Step, fn: (again: boolean) => T | Promise<T>): Promise<T>;
  /** Soft: a failure is recorded and the suite goes on; then returns undefined. Taken again as a step is. */
  check<T>(name: Step, fn: (again: boolean) => T | Promise<T>): Promise<T | undefined>;
  /** Creates the resource now and deletes it after the run, whatever happens. */
  use<H>(resource: Creatable<H>): Promise<H>;
  /** Brings the resource into the wanted state and leaves it for the next run. */
  ensure<H>(resource: Resource<H>): Promise<H>;
  /** Looks at what others made, such as `pods({ app: 'web' })`; nothing is made and nothing removed. */
  find<H>(thing: Findable<H>): H;
  readonly run: { readonly id: string; readonly suite: string; readonly namespace: string };
  /** Plain requests to pods and services, from this process; each is counted and carries the run's id. */
  readonly http: HttpProbe;
  readonly dns: DnsProbe;
  /** Asks agents of ours (`t.use(agents())`) what they see from their nodes. */
  readonly mesh: MeshProbe;
  readonly settings: SuiteSettings;
}

/** The part of the configuration a suite may read. */
export interface SuiteSettings {
  /** TEST_REPLICAS */
  readonly replicas: number;
  /** DNS_QUERY_NAME */
  readonly dnsQueryName: string;
}

/** What of a cluster a suite is about. */
export type Area = 'control plane' | 'workloads' | 'network' | 'names' | 'nodes' | 'storage';

export interface SuiteDefinition<Step extends string = string> {
  readonly description: string;
  /** By it suites are grouped. Default: none. */
  readonly area?: Area;
  /**
   * false: it runs only where people name it (SUITES), since it needs rights or parts that not everybody wants to give; it is in no default
   * manifest either. Default: true.
   */
  readonly byDefault?: boolean;
  /** Every step, in order, by the name that the page and the metrics show; a function where a name holds a setting. */
  readonly steps: readonly Step[] | ((settings: SuiteSettings) => readonly Step[]);
  /**
   * The kinds of objects that it makes (`makes(configMap)`) and keeps (`keeps(deployment)`); [] for none. Its rights, its lock, its namespace
   * and what is looked for after a run that died follow from it. Touching another kind is run.defect.
   */
  readonly uses: readonly Use[];
  /**
   * What the cluster must offer. Asked before anything is made; where one is not met the run ends `unsupported` with its reason, and errored
   * (k8s.prerequisite_missing) where people named the suite, or it was supported within the last day.
   */
  readonly requires?: readonly Requirement[];
  /** Seconds for the whole run without its clean-up. Default: four times EVENT_TIMEOUT_SECONDS. */
  readonly timeout?: number;
  run(t: SuiteContext<Step>): Promise<void>;
}

/** A definition as the registry hands it out. */
export interface Suite {
  /** The file name: URL segment, metric part, table row. */
  readonly name: string;
  readonly description: string;
  readonly area?: Area;
  readonly byDefault?: boolean;
  readonly steps: readonly string[];
  readonly uses: readonly Use[];
  readonly requires?: readonly Requirement[];
  readonly timeout?: number;
  /** Of FUNCTIONS_DIR: where it is. Its runs are made in a thread of their own. */
  readonly file?: string;
  /** Why it cannot be loaded, as a sentence: each of its runs is errored by it. */
  readonly defect?: string;
  run(t: SuiteContext): Promise<void>;
}
