/**
 * The words of the product, as types. Nothing here runs.
 *
 * One way through: trigger → runner → run → steps → frozen results → recorder → sinks.
 * Instants are ISO 8601 UTC; durations are milliseconds from the monotonic clock.
 */
import type { FindingCode } from './findings.ts';

/** What a run, and a step that was judged, ended as. `failed`: the cluster did something wrong. `errored`: we could not judge it. */
export type Verdict = 'passed' | 'failed' | 'errored';

/** `skipped`: a step the run never reached, because an earlier one ended it. */
export type StepStatus = Verdict | 'skipped';

/** Which side a finding speaks of: the cluster (`failed`) or us and what was set up for us (`errored`). */
export type Blame = 'cluster' | 'us';

export type TriggerKind = 'http' | 'schedule' | 'event' | 'cli' | 'remote';

/** An object of the cluster, in the words kubectl uses: `deployment/kubee2etestapp`. */
export interface ObjectRef {
  /** lower case: namespace, deployment, service, configmap, pod, replicaset, lease … */
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** One thing that was wrong. Codes are a closed set (findings.ts); equal findings of a step are counted, not repeated. */
export interface Finding {
  readonly code: FindingCode;
  readonly blame: Blame;
  /** One plain sentence: expected, seen, after how long. At most 1,000 characters. */
  readonly message: string;
  readonly count: number;
  readonly object?: ObjectRef;
  /** What the objects showed when it was found; on the first failure of a run only. Bounded. */
  readonly evidence?: Evidence;
}

export type ActionName = 'create' | 'update' | 'scale' | 'delete' | 'http_get' | 'schedule' | 'run' | 'reachable';

export type DnsResult = 'healthy' | 'nxdomain' | 'servfail' | 'refused' | 'timeout' | 'no_answer';

/** A figure taken during a step. `resource` is lower case: namespace, deployment, service, configmap, pod. */
export type Measurement =
  | { readonly kind: 'action'; readonly resource: string; readonly action: ActionName; readonly durationMs: number }
  /** `result`: the status code, or wrong_response, connection_error, timeout. */
  | { readonly kind: 'http'; readonly resource: 'pod' | 'service'; readonly result: string }
  | { readonly kind: 'dns'; readonly result: DnsResult };

/** `recovery` and `cleanup` are the run's own steps, before the first and after the last of the suite. */
export type StepKind = 'step' | 'check' | 'recovery' | 'cleanup';

export interface StepResult {
  readonly name: string;
  readonly kind: StepKind;
  readonly status: StepStatus;
  /** Empty for a skipped step. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly findings: readonly Finding[];
  readonly measurements: readonly Measurement[];
  /** Readable facts of a passed step, such as "3 pods on node1, node2, node3". */
  readonly notes: readonly string[];
}

export interface ApiRequests {
  /** Every request sent to the API server, watches and retries included. */
  readonly total: number;
  readonly watches: number;
  readonly retries: number;
}

/** Which cluster was tested. */
export interface ClusterIdentity {
  /** CLUSTER_NAME, else the kubeconfig's context, in-cluster or sandbox. */
  readonly name: string;
  /** URL of its API server, without a login; `unknown` until the credentials are read. */
  readonly server: string;
  /** Such as v1.34.1; `unknown` until it has said so. */
  readonly version: string;
}

export interface RunResult {
  /** Sortable and unique: base-36 time, then random; fits into a label. */
  readonly id: string;
  readonly suite: string;
  /** The namespace the suite worked in; '' where it needs none. */
  readonly namespace: string;
  readonly trigger: TriggerKind;
  /** Which cluster was tested. Runs of older versions that others report lack it. */
  readonly cluster?: ClusterIdentity;
  readonly status: Verdict;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** From the start to the verdict; clean-up is not in it. */
  readonly durationMs: number;
  /** Recovery, the suite's steps (skipped ones included), clean-up; in order. */
  readonly steps: readonly StepResult[];
  /** Leftovers of a dead run that this one removed. */
  readonly recovered: readonly ObjectRef[];
  readonly apiRequests: ApiRequests;
  /** Only on a failed or errored run. */
  readonly diagnosis?: Diagnosis;
}

/** What a caller of `POST /run/:suite` gets. */
export interface RunReply extends RunResult {
  /** The run was under way already and this call shared its result. */
  readonly joined?: boolean;
}

// --- live events, in the order in which they happen ---

export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly run: string;
      readonly suite: string;
      readonly namespace: string;
      readonly trigger: TriggerKind;
      readonly at: string;
      /** The suite's declared steps. */
      readonly steps: readonly string[];
    }
  | {
      readonly type: 'step-started';
      readonly run: string;
      readonly suite: string;
      readonly step: string;
      readonly kind: StepKind;
      readonly at: string;
    }
  /** What the step waits for and what the objects show; at most two a second and step. */
  | {
      readonly type: 'waiting';
      readonly run: string;
      readonly suite: string;
      readonly step: string;
      readonly message: string;
      readonly at: string;
    }
  | {
      readonly type: 'step-finished';
      readonly run: string;
      readonly suite: string;
      readonly namespace: string;
      readonly step: StepResult;
    }
  /** Instead of a verdict: another process has the namespace, and the run never began. Its last event. */
  | {
      readonly type: 'run-withdrawn';
      readonly run: string;
      readonly suite: string;
      readonly namespace: string;
      readonly holder: string;
      readonly at: string;
    }
  /** The verdict is known; clean-up begins. `result` lacks the clean-up steps. */
  | { readonly type: 'run-judged'; readonly result: RunResult }
  /** The last event of a run: clean-up is over. */
  | { readonly type: 'run-finished'; readonly result: RunResult };

/** Where results go: store, statsd, Prometheus, log, remote dashboard. A sink that throws never fails a run. */
export interface Sink {
  readonly name: string;
  record(event: RunEvent): void;
  /** Sends what is buffered; called once at shutdown, at most 5 s. */
  close?(): Promise<void>;
}

// --- suites ---

/** `namespace`: the test namespace must exist. `cluster`: the API server only. Nothing: neither. */
export type Need = 'namespace' | 'cluster';

/** A thing in the cluster that a suite makes, bound to one run. What `t.use` and `t.ensure` hand out is its handle `H`. */
export interface Managed<H> {
  readonly ref: ObjectRef;
  /** POST. Our leftover of a dead run under that name is removed first; an object that is not ours is a defect. */
  create(): Promise<H>;
  /** Server-side apply; resolves when the object is there in the wanted state. */
  ensure(): Promise<H>;
  /** Deletes it if it is ours and of this run, and resolves when it is gone; false where there was nothing to do. `signal` is the clean-up's own budget. */
  remove(signal: AbortSignal): Promise<boolean>;
}

/** What the builders of the door return: a description that a run binds to its cluster session. */
export interface Resource<H> {
  bind(session: Session): Managed<H>;
}

export interface SuiteContext<Step extends string = string> {
  /**
   * Hard: a failure ends the suite, the steps after it are `skipped`. Returns what `fn` returns. Where test pods were removed by
   * somebody else in the midst of it, it is taken again, once: `again` is true then, and what was read before is old.
   */
  step<T>(name: Step, fn: (again: boolean) => T | Promise<T>): Promise<T>;
  /** Soft: a failure is recorded and the suite goes on; then returns undefined. Taken again as a step is. */
  check<T>(name: Step, fn: (again: boolean) => T | Promise<T>): Promise<T | undefined>;
  /** Creates the resource now and deletes it after the run, whatever happens. */
  use<H>(resource: Resource<H>): Promise<H>;
  /** Brings the resource into the wanted state and leaves it for the next run. */
  ensure<H>(resource: Resource<H>): Promise<H>;
  readonly run: { readonly id: string; readonly suite: string; readonly namespace: string };
  /** Plain requests to pods and services, from this process; each is counted and carries the run's id. */
  readonly http: HttpProbe;
  readonly dns: DnsProbe;
  readonly settings: SuiteSettings;
}

/** Where an HTTP request goes. */
export interface HttpTarget {
  readonly resource: 'pod' | 'service';
  readonly object: ObjectRef;
  /** An address, or a name that the probe resolves anew for every request. */
  readonly host: string;
  readonly port: number;
  /** The pod's node. */
  readonly node?: string;
}

/** A request that was answered as expected: what a pod log must show. */
export interface AnsweredRequest {
  readonly target: HttpTarget;
  /** The User-Agent it carried; unique. */
  readonly userAgent: string;
}

export interface ServiceRequestOptions {
  /**
   * The pods behind the service were just replaced: kube-proxy may lead to one that is gone for a second longer. Requests
   * without an answer that began within 3 s of the first answer are sent again, all of them. Default false.
   */
  readonly settling?: boolean;
}

export interface HttpProbe {
  /** One request to each target, none repeated; each must answer 200 with `page`. Raises http.*, dns.*. */
  requestEach(targets: readonly HttpTarget[], page: string): Promise<void>;
  /** Waits for the first right answer (action `reachable`), then `times` requests on new connections, each of which must be right. Raises timeout.waiting_on_endpoints, http.*, dns.*. */
  requestService(target: HttpTarget, times: number, page: string, options?: ServiceRequestOptions): Promise<void>;
  /** The requests of this run that were answered as expected. */
  readonly answered: readonly AnsweredRequest[];
}

export interface DnsProbe {
  /** Asks every DNS server for the name's address; each must have one. Raises dns.*. */
  resolve(name: string): Promise<void>;
}

/** One run, as the parts that observe the cluster for it see it. */
export interface RunScope {
  readonly id: string;
  readonly suite: Suite;
  readonly namespace: string;
  /** Aborted at the run's deadline, at shutdown and when its lock is lost. */
  readonly signal: AbortSignal;
  /** Takes the figure down for the step under way. */
  measure(measurement: Measurement): void;
  /** A readable fact for the step under way. */
  note(text: string): void;
  /** What is waited for and what the objects show; shown live. */
  waiting(message: string): void;
  /** Keeps an observation for evidence. */
  observed(probe: ProbeView): void;
  /** Ends the run as errored, such as when its lock is lost. */
  abort(reason: Error): void;
}

/** The part of the configuration a suite may read. */
export interface SuiteSettings {
  /** TEST_REPLICAS */
  readonly replicas: number;
  /** DNS_QUERY_NAME */
  readonly dnsQueryName: string;
}

export interface SuiteDefinition<Step extends string = string> {
  readonly description: string;
  /** Every step, in order, by the name that the page and the metrics show; a function where a name holds a setting. */
  readonly steps: readonly Step[] | ((settings: SuiteSettings) => readonly Step[]);
  /** Default: ['namespace']. */
  readonly needs?: readonly Need[];
  /** Seconds for the whole run without its clean-up. Default: four times EVENT_TIMEOUT_SECONDS. */
  readonly timeout?: number;
  run(t: SuiteContext<Step>): Promise<void>;
}

/** A definition as the registry hands it out. */
export interface Suite {
  /** The file name: URL segment, metric part, table row. */
  readonly name: string;
  readonly description: string;
  readonly steps: readonly string[];
  readonly needs: readonly Need[];
  readonly timeout?: number;
  /** Of FUNCTIONS_DIR: where it is. Its runs are made in a thread of their own. */
  readonly file?: string;
  run(t: SuiteContext): Promise<void>;
}

/** One run's view of the cluster. Its requests are counted, bounded and abortable; run.ts knows only this much of it. */
export interface Session {
  /** Requests so far. */
  requests(): ApiRequests;
  /** Takes the lock of the run's namespace; throws Held when another live process has it. True: its last holder died, there may be leftovers. */
  lock(): Promise<{ leftoversLikely: boolean }>;
  /**
   * Before a judgement: that the lock is still ours. Asks only where it may have gone to others meanwhile, as after a time in which
   * this process was stopped. False: nobody answers. Raises run.aborted where another process has it.
   */
  confirm(): Promise<boolean>;
  /**
   * After a step that failed: the pods it was about that went meanwhile without our asking; one LIST. Where there are some it waits until
   * others stand in their place, so that the step can be taken again.
   */
  removals(): Promise<readonly Removal[]>;
  /** The same with what events and nodes say of who removes them; at most two requests. Never throws. */
  explained(removals: readonly Removal[]): Promise<readonly Removal[]>;
  /** Removes what a dead run left. */
  recover(): Promise<void>;
  /** Leftovers removed so far, by recovery and by creates that met one. */
  readonly recovered: readonly ObjectRef[];
  /** Keeps what a probe saw, for evidence. */
  observed(probe: ProbeView): void;
  /** What the objects show now; never throws, sends at most six requests and takes at most 5 s. */
  evidence(): Promise<Evidence | undefined>;
  /** Gives the lock back and ends watches. `clean` false: the next holder looks for leftovers. */
  close(clean: boolean): Promise<void>;
}

/** A pod that the suite was looking at and that went without its asking. */
export interface Removal {
  readonly pod: string;
  readonly node?: string;
  readonly by: 'eviction' | 'preemption' | 'taint' | 'kubelet' | 'node' | 'somebody';
  /** "evicted by its kubelet under node pressure" */
  readonly words: string;
}

// --- runner ---

export type StartOutcome =
  | {
      readonly kind: 'run';
      readonly id: string;
      readonly joined: boolean;
      readonly judged: Promise<RunResult>;
      readonly finished: Promise<RunResult>;
    }
  /** Only while shutting down. */
  | { readonly kind: 'closing' };

export interface Runner {
  /** Starts a run, or joins the one under way. `judged` rejects with Held when another process holds the namespace. */
  start(suite: Suite, trigger: TriggerKind): StartOutcome;
  /** Suites that run or wait for their namespace now. */
  readonly active: readonly { suite: string; run: string; since: string }[];
  /** Refuses new runs, aborts those that are under way after `graceMs` (default 0), and resolves when their clean-up is over. */
  close(graceMs?: number): Promise<void>;
}

// --- health: a pure fold of the store ---

export type SuiteState = 'passing' | 'failing' | 'errored' | 'stale' | 'unknown';

export interface SuiteHealth {
  readonly suite: string;
  /** Its results came by POST /update from another process. */
  readonly remote?: true;
  readonly state: SuiteState;
  /** When it came into this state, as far as the memory reaches. */
  readonly since?: string;
  readonly lastRun?: {
    readonly id: string;
    readonly at: string;
    readonly durationMs: number;
    readonly status: Verdict;
  };
  /** Names of the steps that are failing or errored in the last run. */
  readonly steps: readonly string[];
  /** Of a stale one: how old its newest result may be. */
  readonly staleAfterMs?: number;
}

export interface Health {
  readonly status: SuiteState;
  readonly since?: string;
  /** Instant of the newest result. */
  readonly freshest?: string;
  readonly suites: readonly SuiteHealth[];
  readonly headline?: Headline;
}

// --- diagnosis (pure, over evidence) ---

export type Component =
  | 'scheduler'
  | 'controller-manager'
  | 'kubelet'
  | 'node-network'
  | 'kube-proxy'
  | 'dns'
  | 'registry'
  | 'admission'
  | 'quota'
  | 'rbac'
  | 'api-server'
  | 'workload'
  /** Nothing is broken: the nodes have no room or no fitting place (cordoned, tainted, full). */
  | 'capacity'
  /** What must be set up for the tests, or for what they assert, is not. */
  | 'setup'
  /** What starts suites: Serving, or a PingSource and its adapter. */
  | 'knative'
  | 'unknown';

export interface Diagnosis {
  readonly component: Component;
  /** The controller, or the node, where the component has one: "deployment", "node2". */
  readonly part?: string;
  readonly confidence: 'certain' | 'likely' | 'possible';
  /** One plain sentence with the figures it rests on. */
  readonly sentence: string;
  readonly evidence: readonly string[];
  /** The first thing to type. */
  readonly command?: string;
  /** The rule that said so, for whoever doubts it. */
  readonly rule: string;
}

export interface Headline extends Diagnosis {
  readonly since: string;
  /** The end of the newest run that said so. */
  readonly confirmedAt?: string;
  readonly suites: readonly string[];
  readonly unexplained: readonly string[];
}

// --- views: what of an object we keep ---

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
  readonly target: 'pod' | 'service-ip' | 'service-name' | 'dns';
  /** Address, or name asked. */
  readonly to: string;
  /** The pod probed, and its node, where it is one. */
  readonly pod?: string;
  readonly node?: string;
  /** Status code, wrong_response, connection_error, timeout, or a DnsResult. */
  readonly result: string;
  readonly detail?: string;
  readonly durationMs: number;
}

/** The object state at the moment of a failure. Bounded: 50 of each, texts cut at 1,000 characters. */
export interface Evidence {
  readonly at: string;
  readonly deployment?: DeploymentView;
  readonly replicaSets: readonly ReplicaSetView[];
  readonly pods: readonly PodView[];
  readonly endpoints?: EndpointsView;
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
