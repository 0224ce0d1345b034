import type { Component, Diagnosis } from '../model/diagnosis.ts';
import type { EventView, Evidence, NodeView, PodView } from '../model/evidence.ts';
import type { Finding } from '../model/finding.ts';
import type { RunResult } from '../model/result.ts';

/** What a rule says when it fits; the rest of the diagnosis is added to it. */
export interface Answer {
  readonly component: Component;
  /** The controller, the node or the policy, where the component has one. */
  readonly part?: string;
  readonly confidence: Diagnosis['confidence'];
  /** One plain sentence with the figures it rests on. */
  readonly sentence: string;
  /** The first thing to type. */
  readonly command?: string;
}

/** One row of the table. Rules are asked in order; the first that fits names the component. */
export interface Rule {
  /** Shown with the diagnosis, for whoever doubts it. */
  readonly name: string;
  /** What must be seen, in words; a row of docs/diagnosis.md. */
  readonly seen: string;
  read(clues: Clues): Answer | undefined;
}

/** A red run, as rules look at it. */
export interface Clues {
  readonly run: RunResult;
  /** Of the suite's steps and of what came before them, in order; clean-up tells nothing of the cause. */
  readonly findings: readonly Finding[];
  readonly first: Finding;
  /** What the objects showed; with empty lists where nothing could be gathered. */
  readonly evidence: Evidence;
  /** A wait for the cluster ran out of time: what is missing is late, not just under way. */
  readonly waited: boolean;
  /** The events of this run; a namespace that is kept still holds those of earlier ones. */
  readonly events: readonly EventView[];
  /** Not being deleted, and not evicted or ended otherwise: another has been made in the place of such a pod. */
  readonly standing: readonly PodView[];
  readonly deleting: readonly PodView[];
  readonly ready: readonly PodView[];
  /** That long ago that something should have come of it: half of the step that failed, at most 10 s. */
  isOverdue(instant: string | undefined): boolean;
  node(name: string | undefined): NodeView | undefined;
  /** Seconds from `instant` to the evidence; 0 where there is no instant. */
  ageS(instant: string | undefined): number;
}
