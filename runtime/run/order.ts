import type { RunEvent } from '../model/event.ts';
import type { MeshProbe } from '../model/mesh.ts';
import type { DnsProbe, HttpProbe } from '../model/probing.ts';
import type { ClusterIdentity, RunResult, TriggerKind } from '../model/result.ts';
import type { RunScope } from '../model/scope.ts';
import type { Session } from '../model/session-contract.ts';
import type { Inquiry, Suite, SuiteSettings } from '../model/suite.ts';

export interface RunParts {
  readonly settings: SuiteSettings;
  /** Milliseconds; a run may take four of them unless its suite says otherwise, its clean-up one and at most 16 s. */
  readonly eventTimeoutMs: number;
  openSession(scope: RunScope): Session;
  /** What requirements ask. */
  inquiryOf?(session: Session): Inquiry;
  openProbes(scope: RunScope): { http: HttpProbe; dns: DnsProbe; mesh: MeshProbe; close(): Promise<void> };
  record(event: RunEvent): void;
  /** Why an unmet requirement of the suite is a fault: somebody counts on it. Undefined: nobody does. Default: nobody. */
  expected?(suite: string): string | undefined;
  /** Which cluster it is; asked at the verdict, when its version is known. */
  cluster?(): ClusterIdentity;
  /** Makes a run of a suite from outside, in a thread of its own. */
  outside?(order: RunOrder, parts: RunParts, judged: (result: RunResult) => void): Promise<RunResult>;
  /** Names the component that is broken; only asked about runs that did not pass. */
  diagnose?(result: RunResult): RunResult['diagnosis'];
}

export interface RunOrder {
  readonly id: string;
  readonly suite: Suite;
  readonly namespace: string;
  readonly trigger: TriggerKind;
  /** Aborted at shutdown, with the reason as a Defect. */
  readonly stop: AbortSignal;
}
