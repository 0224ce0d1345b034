/** What is there before the process serves or runs. */
import type { Sandbox } from '../../sandbox/index.ts';
import type { Config } from '../config/shape.ts';
import type { Suite } from '../model/suite.ts';

export interface Prepared {
  readonly config: Config;
  readonly suites: readonly Suite[];
  /** The embedded cluster, where it was chosen. */
  readonly sandbox?: Sandbox;
}
