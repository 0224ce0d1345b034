/** What can be known of a cluster before anything is made in it: namespaces, rights, and what requirements ask. Nothing is written. */
import type { Inquiry } from '../../model/suite.ts';
import type { Grant } from '../../model/use.ts';
import { Calls, type Login } from '../client/calls.ts';
import { defectOf } from '../client/errors.ts';
import type { Presence } from '../client/presence.ts';
import type { ObjectClient, Served } from '../client/served.ts';
import { inquiryBy, type NamedParts } from './inquiry.ts';

/** A right that the credentials do not have, of one verb: `create pods/exec`. */
export interface MissingRight {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name?: string;
}

export interface Preflight {
  /** Undefined: the credentials may not look. Raises api.* as every question here does. */
  hasNamespace(name: string): Promise<boolean | undefined>;
  /** Of these grants those that are not given: in the namespace, or in the whole cluster where they are of that scope. `nameOf`: the object of a grant that is for one alone. */
  missingRights(
    namespace: string,
    grants: readonly Grant[],
    nameOf: (resource: string) => string | undefined,
  ): Promise<readonly MissingRight[]>;
  readonly inquiry: Inquiry;
}

interface Rule {
  readonly verbs?: readonly string[] | null;
  readonly apiGroups?: readonly string[] | null;
  readonly resources?: readonly string[] | null;
  readonly resourceNames?: readonly string[] | null;
}

interface RulesReview {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: { readonly namespace: string };
  readonly status?: { readonly resourceRules?: readonly Rule[] | null };
}

interface AccessReview {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: { readonly resourceAttributes: object };
  readonly status?: { readonly allowed?: boolean };
}

const apiVersion = 'authorization.k8s.io/v1';
const rulesReviews: Served<RulesReview> = {
  apiVersion,
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  scope: 'cluster',
};
const accessReviews: Served<AccessReview> = {
  apiVersion,
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  scope: 'cluster',
};
const namespaces: Served = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'cluster' };
const budgetMs = 10_000;

interface Parts {
  readonly api: ObjectClient;
  readonly presence: Presence;
  readonly login: Login;
  readonly named: NamedParts;
}

export function createPreflight({ api, presence, login, named }: Parts): Preflight {
  const calls = new Calls(presence, login);
  const { signal } = new AbortController();
  const ask = <T>(request: string, attempt: (signal: AbortSignal) => Promise<T>, instead: Record<number, T> = {}) =>
    calls.send<T>(
      request,
      {
        signal,
        budgetMs,
        onFailure(failure) {
          if (failure.status !== undefined && failure.status in instead) return instead[failure.status];
          throw defectOf(failure, request, 0);
        },
      },
      attempt,
    );
  /** The same right in the whole cluster is asked for by many suites. */
  const known = new Map<string, Promise<boolean>>();

  /** All rules in a namespace, in one request; empty where that is not to be had, and then each right is asked for by itself. */
  async function rulesIn(namespace: string): Promise<readonly Rule[]> {
    const body = { apiVersion, kind: rulesReviews.kind, spec: { namespace } };
    const none = { ...body, status: { resourceRules: [] } };
    const review = await ask<RulesReview>(
      `create ${rulesReviews.kind}`,
      (signal) => api.create(rulesReviews, '', body, signal),
      { 403: none, 404: none },
    );
    return review.status?.resourceRules ?? [];
  }

  function isAllowed(namespace: string | undefined, right: MissingRight): Promise<boolean> {
    const { verb, group, name } = right;
    const [resource, subresource] = right.resource.split('/');
    const resourceAttributes = { namespace, verb, group, resource, subresource, name };
    const key = JSON.stringify(resourceAttributes);
    const asked =
      known.get(key) ??
      ask(`create ${accessReviews.kind}`, (signal) =>
        api.create(accessReviews, '', { apiVersion, kind: accessReviews.kind, spec: { resourceAttributes } }, signal),
      ).then(({ status }) => status?.allowed === true);
    known.set(key, asked);
    return asked;
  }

  return {
    hasNamespace: (name) =>
      ask<boolean | undefined>(
        `get namespace/${name}`,
        async (signal) => Boolean(await api.get(namespaces, { namespace: '', name }, signal)),
        { 404: false, 403: undefined },
      ),
    async missingRights(namespace, grants, nameOf) {
      const rules = grants.some(({ scope }) => scope !== 'cluster') ? await rulesIn(namespace) : [];
      const wanted = grants.flatMap(({ group, resource, verbs, named, scope }) => {
        const name = named && nameOf(resource);
        return verbs.map((verb) => ({
          place: scope === 'cluster' ? undefined : namespace,
          right: { verb, group, resource, ...(name && { name }) } satisfies MissingRight,
        }));
      });
      const open = wanted.filter(
        ({ place, right }) => place === undefined || !rules.some((rule) => gives(rule, right)),
      );
      const answers = await Promise.all(open.map(({ place, right }) => isAllowed(place, right)));
      return open.filter((_, at) => !answers[at]).map(({ right }) => right);
    },
    inquiry: inquiryBy(
      api,
      <T>(request: string, attempt: (signal: AbortSignal) => Promise<T>) =>
        ask<T | undefined>(request, attempt, { 404: undefined }),
      named,
    ),
  };
}

function gives(rule: Rule, { verb, group, resource, name }: MissingRight): boolean {
  const [whole, sub] = resource.split('/');
  const holds = (list: readonly string[] | null | undefined, ...fitting: readonly string[]) =>
    list?.some((one) => one === '*' || fitting.includes(one)) === true;
  const names = rule.resourceNames ?? [];
  return (
    holds(rule.verbs, verb) &&
    holds(rule.apiGroups, group) &&
    holds(rule.resources, resource, ...(sub ? [`*/${sub}`] : [whole ?? ''])) &&
    (names.length === 0 || (name !== undefined && names.includes(name)))
  );
}
