/** What a room of kinds/ says of its kind. */
import type { KubernetesObject } from '@kubernetes/client-node';
import type { Evidence } from '../../model/evidence.ts';
import type { Grant, Kind } from '../../model/use.ts';
import { groupOf, type Served } from '../client/served.ts';
import type { ClusterView } from './cluster-view.ts';

/** Sends one request, once, and has undefined for a failure, which the calls keep. */
export type Ask = <T>(request: string, attempt: (signal: AbortSignal) => Promise<T>) => Promise<T | undefined>;

export interface ObjectKind<T extends KubernetesObject> extends Kind, Served<T> {
  /** The one name that our objects of this kind have: what a dead run left is found by it. Default: by our label. */
  named?(view: ClusterView): string;
  /** What its objects, and those that they own, show; asked for side by side with the others on the first failure of a run. */
  evidence?(view: ClusterView, ask: Ask): Promise<Partial<Evidence>>;
  /**
   * One request more, once the rest is known; only one kind of a run gets it, the first that makes something of it. Undefined: it has
   * nothing to ask.
   */
  lastEvidence?(view: ClusterView, ask: Ask, seen: Evidence): Promise<Partial<Evidence> | undefined>;
}

/** A kind as its room has it: a suite's declaration is checked against its own grants. */
export function objectKind<T extends KubernetesObject>() {
  return <const K extends ObjectKind<T>>(kind: K): K & Served<T> => kind;
}

const make = ['create', 'get', 'list', 'watch', 'delete'] as const;
/** A create beside a patch: server-side apply of an object that is not there is authorised as both. */
const keep = ['create', 'patch', 'list'] as const;

/** What its kind itself needs where it is made; `more`: what it owns, and what is asked about it. */
export function toMake(group: string, resource: string, ...more: readonly Grant[]): readonly Grant[] {
  return [{ group, resource, verbs: make }, ...more];
}

/** The same where it stands from run to run. */
export function toKeep(group: string, resource: string, ...more: readonly Grant[]): readonly Grant[] {
  return [{ group, resource, verbs: keep }, ...more];
}

/** Of a kind without a room: it can be made and kept, and counts once against a quota of its own. */
export function anyKind({ apiVersion, kind, plural, scope }: Pick<Kind, 'apiVersion' | 'kind' | 'plural' | 'scope'>) {
  const group = groupOf({ apiVersion });
  const verbs = (own: readonly string[]): readonly Grant[] => [
    { group, resource: plural, verbs: own, ...(scope === 'cluster' && { scope }) },
  ];
  return {
    apiVersion,
    kind,
    plural,
    ...(scope && { scope }),
    grants: { makes: verbs(make), keeps: verbs([...keep, 'watch']) },
    quota: scope === 'cluster' ? {} : { [`count/${plural}${group && `.${group}`}`]: '10' },
  };
}
