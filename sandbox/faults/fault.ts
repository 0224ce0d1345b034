/** What is said of a fault, and the values that options take. */
import { resources } from '../store/resources.ts';

export type FaultOptions = Record<string, string | number | boolean>;

/** The values an option may have; `node` stands for the nodes there are. */
export type Allowed = 'node' | readonly string[] | { readonly least: number; readonly most: number };

export interface Fault {
  readonly description: string;
  readonly breaks: string;
  /** With their defaults. */
  readonly options?: FaultOptions;
  /** Of options that do not take every value. */
  readonly allowed?: Readonly<Record<string, Allowed>>;
  /** Switches itself off after the option `seconds`. */
  readonly endsItself?: boolean;
}

export const plurals: readonly string[] = resources.map(({ plural }) => plural);
export const namespaced: readonly string[] = resources.filter((one) => one.namespaced).map(({ plural }) => plural);
export const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
export const modes = ['refuse', 'timeout'];
export const share: Allowed = { least: 0, most: 1 };
export const seconds: Allowed = { least: 0, most: 1_000_000_000 };
