/** What a suite declares that it uses, and what follows from it: nothing of this is read off a suite's or a kind's name. */
import type { Grant, How, Kind, Use } from './model/use.ts';

/** A kind, or what makes objects of it: `configMap`, `deployment`, … */
export type KindRef<K extends Kind = Kind> = K | { readonly kind: K };

type Besides<K extends Kind> = Extract<keyof NonNullable<K['grants']['besides']>, string>;

/** For `uses`: a run of the suite makes objects of this kind and removes them (`t.use`). `besides`: what else it does, such as `'scale'`. */
export function makes<K extends Kind & Makeable>(ref: KindRef<K>, ...besides: readonly Besides<K>[]): Use {
  return { kind: kindOf(ref), how: 'makes', besides };
}

/** For `uses`: objects of this kind stand from run to run (`t.ensure`). */
export function keeps<K extends Kind & Keepable>(ref: KindRef<K>, ...besides: readonly Besides<K>[]): Use {
  return { kind: kindOf(ref), how: 'keeps', besides };
}

/** For `uses`: what others made is looked at (`t.find`); a run leaves nothing of it. */
export function asks<K extends Kind & Askable>(ref: KindRef<K>): Use {
  return { kind: kindOf(ref), how: 'asks', besides: [] };
}

interface Makeable {
  readonly grants: { readonly makes: readonly Grant[] };
}

interface Askable {
  readonly grants: { readonly asks: readonly Grant[] };
}

interface Keepable {
  readonly grants: { readonly keeps: readonly Grant[] };
}

function kindOf<K extends Kind>(ref: KindRef<K>): K {
  return 'apiVersion' in ref ? ref : ref.kind;
}

/** It speaks to the API server, and so takes a lock. */
export function needsApi(uses: readonly Use[]): boolean {
  return uses.length > 0;
}

/** Its test namespace must exist. */
export function needsNamespace(uses: readonly Use[]): boolean {
  return uses.some(({ kind }) => kind.scope !== 'cluster');
}

/** It works on objects that stand from run to run. */
export function keepsObjects(uses: readonly Use[]): boolean {
  return uses.some(({ how }) => how === 'keeps');
}

/** Each kind once, in the order in which they are declared. */
export function kindsOf(uses: readonly Use[]): readonly Kind[] {
  return uses.map(({ kind }) => kind).filter((kind, at, all) => all.findIndex((one) => isSame(one, kind)) === at);
}

/** The same of those of which a run that died may have left something. */
export function kindsLeft(uses: readonly Use[]): readonly Kind[] {
  return kindsOf(uses.filter(({ how }) => how !== 'asks'));
}

/** Undefined: it is declared; else what is missing in `uses`. `what`: makes, keeps, asks, or a word of the kind's `besides`. */
export function undeclared(uses: readonly Use[], kind: Kind, what: How | (string & {})): string | undefined {
  const declared = uses.filter((use) => isSame(use.kind, kind));
  if (declared.some(({ how, besides }) => how === what || besides.includes(what))) return undefined;
  const word = kind.kind.slice(0, 1).toLowerCase() + kind.kind.slice(1);
  if (what === 'makes' || what === 'keeps' || what === 'asks') return `${what}(${word})`;
  return `${declared[0]?.how ?? 'makes'}(${word}, '${what}')`;
}

/** Every right that a suite with these uses needs of its kinds. What every suite needs besides: kube/session/grants.ts. */
export function grantsOf(uses: readonly Use[]): readonly Grant[] {
  return uses.flatMap(({ kind, how, besides }) =>
    [...(kind.grants[how] ?? []), ...besides.flatMap((word) => kind.grants.besides?.[word] ?? [])].map((grant) =>
      kind.scope === 'cluster' && !grant.scope ? { ...grant, scope: 'cluster' as const } : grant,
    ),
  );
}

/** As data: kinds of the product's own carry functions, which another thread cannot be given. */
export function asData(uses: readonly Use[]): readonly Use[] {
  return uses.map(
    ({ kind: { apiVersion, kind, plural, scope, grants, quota, quotaBesides, ports }, how, besides }) => ({
      kind: {
        apiVersion,
        kind,
        plural,
        ...(scope && { scope }),
        grants,
        quota,
        ...(quotaBesides && { quotaBesides }),
        ...(ports && { ports }),
      },
      how,
      besides,
    }),
  );
}

export function isSame(one: Kind, other: Kind): boolean {
  return one.kind === other.kind && one.apiVersion === other.apiVersion;
}
