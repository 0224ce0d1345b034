/** The kinds that have a file of their own. */
import { job } from './job.ts';
import type { SandboxKind } from './kind.ts';

export const kinds: readonly SandboxKind[] = [job];
