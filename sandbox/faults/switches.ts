/** Which faults are on now, and with which options. */
import { resources } from '../store/resources.ts';
import { catalogue, type FaultName, type FaultOptions } from './catalogue.ts';

export interface FaultState {
  readonly name: FaultName;
  readonly on: boolean;
  readonly description: string;
  readonly breaks: string;
  /** The options and their values, the defaults where nothing was said. */
  readonly options: FaultOptions;
  /** When it was switched on. */
  readonly since?: string;
}

export interface Faults {
  list(): FaultState[];
  /** Throws a BadFault for an unknown name or option. `seconds` on a fault that knows it ends the fault by itself. */
  set(name: string, to: boolean | (FaultOptions & { on?: boolean })): void;
  on(name: FaultName): boolean;
  /** The options while it is on. */
  options(name: FaultName): FaultOptions | undefined;
  /** It is on, and for this node. */
  hits(name: FaultName, node: string): boolean;
  /** Milliseconds since the epoch at which it was switched on. */
  since(name: FaultName): number;
  /** Returns how to stop listening. */
  onChange(listener: (name: FaultName) => void): () => void;
}

export class BadFault extends Error {
  override readonly name = 'BadFault';
}

const plurals = resources.map(({ plural }): string => plural);

/** What an option may be, by its name; whatever it is of, it means the same. */
const limits: Readonly<Record<string, { fits(value: unknown): boolean; words: string }>> = {
  share: { fits: (value) => Number(value) >= 0 && Number(value) <= 1, words: 'from 0 to 1' },
  seconds: { fits: isDuration, words: 'from 0 to 86400' },
  retryAfter: { fits: isDuration, words: 'from 0 to 86400' },
  mode: { fits: (value) => value === 'refuse' || value === 'timeout', words: 'refuse or timeout' },
  resource: {
    fits: (value) => value === '*' || plurals.includes(String(value)),
    words: `one of ${plurals.join(', ')}, or *`,
  },
};

/** `nodes`: the names of those there are. */
export function createFaults(
  now: () => number,
  after: (ms: number, run: () => void) => () => void,
  nodes: () => readonly string[],
): Faults {
  const active = new Map<FaultName, { options: FaultOptions; since: number; cancel: () => void }>();
  const listeners = new Set<(name: FaultName) => void>();
  const entries = Object.entries(catalogue) as [FaultName, (typeof catalogue)[FaultName]][];

  const off = (name: FaultName): void => {
    active.get(name)?.cancel();
    active.delete(name);
    for (const listener of listeners) listener(name);
  };

  const faults: Faults = {
    list: () =>
      entries.map(([name, { description, breaks, options = {} }]) => {
        const state = active.get(name);
        const since = state && new Date(state.since).toISOString();
        return { name, on: !!state, description, breaks, options: state?.options ?? options, ...(since && { since }) };
      }),
    set: (given, to) => {
      const name = known(given);
      const { on = true, ...wanted } = typeof to === 'boolean' ? { on: to } : to;
      if (!on) return off(name);
      const options = checked(name, wanted, nodes());
      active.get(name)?.cancel();
      const ends = catalogue[name].endsItself ? Number(options.seconds) * 1000 : undefined;
      const cancel = ends === undefined ? () => {} : after(ends, () => off(name));
      active.set(name, { options, since: now(), cancel });
      for (const listener of listeners) listener(name);
    },
    on: (name) => active.has(name),
    options: (name) => active.get(name)?.options,
    hits: (name, node) => active.get(name)?.options.node === node,
    since: (name) => active.get(name)?.since ?? 0,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return faults;
}

function known(name: string): FaultName {
  if (Object.hasOwn(catalogue, name)) return name as FaultName;
  throw new BadFault(`There is no fault "${name}". The faults are: ${Object.keys(catalogue).join(', ')}`);
}

function checked(name: FaultName, wanted: FaultOptions, nodes: readonly string[]): FaultOptions {
  const options: FaultOptions = { ...catalogue[name].options };
  for (const [key, value] of Object.entries(wanted)) {
    const expected = options[key];
    if (expected === undefined) {
      const names = Object.keys(options).join(', ') || 'none';
      throw new BadFault(`The fault ${name} has no option "${key}". Its options: ${names}`);
    }
    if (typeof value !== typeof expected) {
      throw new BadFault(`The option ${key} of the fault ${name} is a ${typeof expected}, such as ${expected}`);
    }
    const { fits, words } = key === 'node' ? oneOf(nodes) : (limits[key] ?? anything);
    if (!fits(value)) throw new BadFault(`The option ${key} of the fault ${name} must be ${words}, not ${value}`);
    options[key] = value;
  }
  return options;
}

const anything = { fits: () => true, words: '' };

function oneOf(names: readonly string[]) {
  return { fits: (value: unknown) => names.includes(String(value)), words: `one of ${names.join(', ')}` };
}

function isDuration(value: unknown): boolean {
  return Number(value) >= 0 && Number(value) <= 86_400;
}
