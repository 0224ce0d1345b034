/** What stands behind every other kind: the API server, the APIs registered with it, its watch, its admission, and who leads. */
import type { KubernetesObject, V1ConfigMap, V1Lease } from '@kubernetes/client-node';
import { Defect, throwFindings } from '../../defects.ts';
import type { FindingCode } from '../../findings.ts';
import type { ObjectView } from '../../model/evidence.ts';
import type { Findable } from '../../model/resource.ts';
import type { Grant } from '../../model/use.ts';
import { groupOf } from '../client/served.ts';
import type { Look, Watched } from '../client/watched.ts';
import { samples, tryAdmission } from './admission-samples.ts';
import { ApiReadiness, unready } from './api-readiness.ts';
import { type APIService, apiServices, whyUnavailable } from './api-services.ts';
import { ApiSpeed } from './api-speed.ts';
import type { ClusterView } from './cluster-view.ts';
import { configMap } from './configmap.ts';
import { objectKind } from './kind.ts';
import { leaders, notRenewed } from './leaders.ts';
import { viewOf } from './managed.ts';
import { seconds } from './object-words.ts';
import { podsQuota } from './pod.ts';

/** Kubernetes knows within half a minute that an API does not answer; a rollout of what serves it takes less. */
const longestAwayMs = 30_000;
/** A change is on every watch within milliseconds; a promise of Kubernetes is a second. */
const longestWatchMs = 10_000;
/** Nobody leads for longer, whatever restarts: the old lease runs out and another is taken, twice over. */
const longestLeaderlessMs = 45_000;
const farApartMs = 30_000;

const planes = objectKind<APIService>()({
  ...apiServices,
  grants: {
    asks: [
      { group: 'apiregistration.k8s.io', resource: 'apiservices', verbs: ['list', 'watch'], scope: 'cluster' },
      { group: 'coordination.k8s.io', resource: 'leases', verbs: ['list', 'watch'], scope: 'cluster' },
      ...samples.map(({ kind }): Grant => {
        return { group: groupOf(kind), resource: kind.plural, verbs: ['create'], scope: 'namespace' };
      }),
    ],
  },
  // Dry runs are counted as if they were made.
  quota: { ...podsQuota, 'count/deployments.apps': '1', 'count/jobs.batch': '1', services: '1' },
  async evidence(view, ask) {
    const readiness = await ask('get /readyz', (signal) => view.api.readiness(signal));
    if (!readiness) return {};
    const state = readiness.failed.length > 0 ? unready(readiness.failed) : 'ready';
    const object: ObjectView = { kind: 'apiserver', name: 'readyz', state, conditions: [] };
    return { objects: [object] };
  },
});

/** Makes nothing but what dry runs make, which is nothing. */
export class ControlPlane {
  readonly #view: ClusterView;
  readonly #readiness: ApiReadiness;
  readonly #speed: ApiSpeed;

  constructor(view: ClusterView) {
    this.#view = view;
    this.#readiness = new ApiReadiness(view);
    this.#speed = new ApiSpeed(view);
  }

  /** /readyz says so. Raises api.not_ready. */
  isReady(): Promise<void> {
    this.#view.patience.begin();
    return this.#readiness.check();
  }

  /** What the API server says the time is, against ours. Raises k8s.clock_differs. */
  clockIsOurs(): void {
    const { aheadMs } = this.#readiness;
    if (aheadMs === undefined) {
      this.#view.scope.note('The API server does not say what time it is');
      return;
    }
    const apart = `The API server's clock is ${seconds(Math.abs(aheadMs))} ${aheadMs < 0 ? 'behind' : 'ahead of'} ours`;
    this.#view.scope.note(apart);
    if (Math.abs(aheadMs) > farApartMs)
      throw new Defect('k8s.clock_differs', `${apart}: tokens, certificates and leases are judged by it`);
  }

  /** Each APIService is Available, or becomes so within 30 s at most. Raises k8s.api_unavailable. */
  async apisAreAvailable(): Promise<void> {
    const view = this.#view;
    view.declared(planes, 'asks');
    view.patience.begin(longestAwayMs, 0.5);
    const watched = view.watch<APIService>({ what: 'registered APIs', kind: apiServices });
    await this.#speed.time('list', () => watched.relist());
    let away = unavailable(watched.objects);
    const isOver = () => away.every(({ sinceMs }) => this.#readiness.ageMs(sinceMs) > longestAwayMs);
    if (away.length > 0 && !isOver()) {
      await watched.start();
      const look = (all: readonly APIService[]) => {
        away = unavailable(all);
        if (away.length === 0) return { done: true, value: undefined } as const;
        return { done: false, why: away.map(({ why }) => why).join('; ') } as const;
      };
      await this.#waitUpTo(watched, look, 'k8s.api_unavailable');
    }
    watched.stop();
    throwFindings(
      away.map(({ name, why }) => {
        return new Defect('k8s.api_unavailable', why, { object: { kind: 'apiservice', name } });
      }),
    );
  }

  /** LIST + WATCH, from before something is made; what it returns resolves once a watch has shown that. Raises timeout.watch. */
  async watchesConfigMaps(): Promise<() => Promise<void>> {
    const view = this.#view;
    const watched = view.watch<V1ConfigMap>({ what: 'ConfigMaps', kind: configMap.kind });
    await watched.start();
    return async () => {
      const limitMs = view.patience.begin(longestWatchMs, 0.5);
      const isShown = ({ metadata }: V1ConfigMap) => metadata?.name === view.objects.deployment;
      const missing = { done: false, why: `configmap/${view.objects.deployment} is on no watch` } as const;
      const began = performance.now();
      await view.wait(
        watched,
        (all) => (all.some(isShown) ? { done: true, value: undefined } : missing),
        (why, _, afterMs) => ({ code: 'timeout.watch', message: `${why} after ${seconds(afterMs)}` }),
      );
      const tookMs = performance.now() - began;
      watched.stop();
      // Before a wait gives up it lists: what only that shows no watch has shown.
      if (tookMs >= limitMs)
        throw new Defect('timeout.watch', `${missing.why} ${seconds(tookMs)} after its creation, and a list has it`);
    };
  }

  /** Times what it does as a write. */
  writes<T>(write: () => Promise<T>): Promise<T> {
    return this.#speed.time('write', write);
  }

  /** Times what it does as a read. */
  reads<T>(read: () => Promise<T>): Promise<T> {
    return this.#speed.time('read', read);
  }

  /** A dry run of a create of each kind that others stand on passes. Raises api.*. */
  async admits(): Promise<void> {
    this.#view.patience.begin();
    this.#view.declared(planes, 'asks');
    await this.#speed.time('dry run', () => tryAdmission(this.#view));
  }

  /** What was timed took no longer than it may, at the best. Raises api.slow. */
  isQuick(): Promise<void> {
    this.#view.patience.begin();
    return this.#speed.check();
  }

  /** The scheduler and the controller manager renew their leases while one looks. Raises k8s.lease_stale. */
  async isLed(): Promise<void> {
    const view = this.#view;
    view.patience.begin(longestLeaderlessMs, 0.75);
    const { kind, namespace, names } = leaders;
    const watched = view.watch<V1Lease>({ what: 'leases of the control plane', kind, namespace });
    await watched.start();
    const first = watched.objects.filter(({ metadata }) => names.includes(metadata?.name ?? ''));
    const unseen = names.filter((name) => !first.some(({ metadata }) => metadata?.name === name));
    if (unseen.length > 0) view.scope.note(`Not looked at: there is no lease ${unseen.join(' and no lease ')}`);
    let still: readonly V1Lease[] = first;
    const look = (now: readonly V1Lease[]) => {
      still = notRenewed(first, now);
      if (still.length === 0) return { done: true, value: undefined } as const;
      return { done: false, why: still.map(({ metadata }) => `${metadata?.name} is not renewed`).join('; ') } as const;
    };
    const afterMs = await this.#waitUpTo(watched, look, 'k8s.lease_stale');
    watched.stop();
    throwFindings(
      still.map(({ metadata, spec }) => {
        const name = metadata?.name ?? '';
        const holder = spec?.holderIdentity ? `, held by ${spec.holderIdentity},` : '';
        const why = `lease/${name}${holder} was not renewed within ${seconds(afterMs)}: nobody leads`;
        return new Defect('k8s.lease_stale', why, { object: { kind: 'lease', name, namespace } });
      }),
    );
  }

  /** A wait whose end in vain is for the caller to judge, object by object. Returns the milliseconds that it took. */
  async #waitUpTo<T extends KubernetesObject>(
    watched: Watched<T>,
    look: (all: readonly T[]) => Look<undefined>,
    code: FindingCode,
  ): Promise<number> {
    const { patience } = this.#view;
    await this.#view
      .wait(watched, look, (message) => ({ code, message }))
      .catch((error) => {
        if (!(error instanceof Defect) || error.finding.code !== code) throw error;
      });
    return patience.spentMs;
  }
}

function unavailable(all: readonly APIService[]) {
  return all.flatMap((one) => whyUnavailable(one) ?? []);
}

/** For `t.find`: the control plane, as those see it who use it. */
function find(): Findable<ControlPlane> {
  return { find: (session) => new ControlPlane(viewOf(session)) };
}

export const controlPlane = Object.assign(find, { kind: planes });
