/** What a run ended as. Instants are ISO 8601 UTC; durations are milliseconds from the monotonic clock. Types only. */
import type { Diagnosis } from './diagnosis.ts';
import type { Finding } from './finding.ts';
import type { Measurement } from './measurement.ts';
import type { ObjectRef } from './object-ref.ts';

/** What a step that was judged ended as. `failed`: the cluster did something wrong. `errored`: we could not judge it. */
export type Judgement = 'passed' | 'failed' | 'errored';

/** What a run ended as. `unsupported`: the cluster does not offer what the suite is about; neither good nor bad. */
export type Verdict = Judgement | 'unsupported';

/** `skipped`: a step the run never reached, because an earlier one ended it. */
export type StepStatus = Judgement | 'skipped';

export type TriggerKind = 'http' | 'schedule' | 'event' | 'cli' | 'remote';

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

/** What an unsupported run found missing. */
export interface Unmet {
  /** The requirement's name. */
  readonly requirement: string;
  /** In words. */
  readonly reason: string;
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
  /** Only on an unsupported run. */
  readonly unmet?: Unmet;
  /** Only on a failed or errored run. */
  readonly diagnosis?: Diagnosis;
}

/** What a caller of `POST /run/:suite` gets. */
export interface RunReply extends RunResult {
  /** The run was under way already and this call shared its result. */
  readonly joined?: boolean;
}
