/** A container that runs. */
import type { ContainerFacts } from './pod-status.ts';

export interface ContainerRun {
  close(): void;
  /** The containers' last state. */
  terminated(): ContainerFacts[];
}
