/** What the parts of the cluster share. */
import { randomInt } from 'node:crypto';
import type { FailureLog } from './failures.ts';
import type { Faults } from './faults/switches.ts';
import type { KubeObject } from './store/objects.ts';
import type { Store } from './store/store.ts';
import type { Timers } from './timers.ts';
import type { Timing } from './timing.ts';

export interface Cluster {
  readonly store: Store;
  readonly timers: Timers;
  readonly faults: Faults;
  readonly timing: Readonly<Timing>;
  /** The wall clock, milliseconds since the epoch. */
  readonly now: () => number;
  /** Tells of an object what happened to it, as an Event. */
  readonly recordEvent: (event: NewEvent) => void;
  /** Says that something of the sandbox's own threw, and lets it go on. */
  readonly failed: FailureLog;
  /** PEM of the cluster's CA, which every namespace gets as a ConfigMap. */
  readonly ca: string;
}

export interface NewEvent {
  about: KubeObject;
  /** The component that reports it: kubelet, default-scheduler … */
  by: string;
  node?: string;
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** The part of the object, such as `spec.containers{nginx}`. */
  fieldPath?: string;
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** What generateName appends. */
export function suffix(length = 5): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
