/** Which faults are on now, and with which options. */
import { catalogue, type FaultName } from './catalogue.ts';
import type { Allowed, FaultOptions } from './fault.ts';

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
      const options = checked(name, wanted, nodes);
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

function checked(name: FaultName, wanted: FaultOptions, nodes: () => readonly string[]): FaultOptions {
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
    options[key] = value;
  }
  for (const [key, allowed] of Object.entries(catalogue[name].allowed ?? {})) {
    const words = outside(options[key]!, allowed === 'node' ? nodes() : allowed);
    if (words) throw new BadFault(`The option ${key} of the fault ${name} is ${words}, not ${options[key]}`);
  }
  return options;
}

/** What is allowed, if the value is not. */
function outside(value: FaultOptions[string], allowed: Exclude<Allowed, 'node'>): string | undefined {
  if ('least' in allowed) {
    const fits = typeof value === 'number' && value >= allowed.least && value <= allowed.most;
    return fits ? undefined : `a number from ${allowed.least} to ${allowed.most}`;
  }
  return allowed.includes(String(value)) ? undefined : `one of: ${allowed.join(', ')}`;
}
