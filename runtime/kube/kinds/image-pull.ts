/** Pods that have an image pulled and run nothing of it, on ten nodes at most. */
import type { V1DaemonSet } from '@kubernetes/client-node';
import { Defect, throwFindings } from '../../defects.ts';
import type { FindingCode } from '../../findings.ts';
import type { PodView } from '../../model/evidence.ts';
import type { Creatable } from '../../model/resource.ts';
import type { Look } from '../client/watched.ts';
import type { ClusterView } from './cluster-view.ts';
import { events } from './core-event.ts';
import { type DaemonNodes, daemonNodes, hasNoRoom, onlyOn } from './daemon-nodes.ts';
import { daemonSetView, grants, served } from './daemonset.ts';
import { daemonSetManifest } from './daemonset-manifest.ts';
import { EndsWithPods } from './ends-with-pods.ts';
import { objectKind } from './kind.ts';
import { made } from './managed.ts';
import { seconds } from './object-words.ts';
import { OwnedObject } from './owned-object.ts';
import { ofRun } from './ownership.ts';
import { describe, standing } from './pod-conditions.ts';
import { TestPods } from './pods.ts';
import { firstPulls, pullCode } from './pull-answers.ts';
import { shownWithPods, wordOn } from './standing-pods.ts';
import { imageOf } from './test-objects.ts';

const container = 'pulled';
/** In no image: it is pulled, and its container does not start. */
const nothing = '/kube-e2etests/runs-nothing-of-it';
const missingTag = 'kube-e2etests-has-no-such-tag';
const failing = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'ImageInspectError']);
const before = new Set(['ContainerCreating', 'PodInitializing', ...failing]);

const shown = shownWithPods(served, daemonSetView, container);

const kind = objectKind<V1DaemonSet>()({
  ...served,
  grants: { makes: [...grants.makes, { group: '', resource: 'events', verbs: ['list'] }] },
  // Ten nodes, one more for the tag that is not there, and those of the run before.
  quota: {
    'count/daemonsets.apps': '12',
    pods: '26',
    'requests.cpu': '260m',
    'requests.memory': '416Mi',
    'limits.cpu': '5200m',
    'limits.memory': '1664Mi',
  },
  ...shown,
  // One that has pulled is there to fail after that: it is no trouble.
  async evidence(view, ask) {
    const seen = await shown.evidence(view, ask);
    return { ...seen, pods: seen.pods?.filter((pod) => !isPulled(pod)) };
  },
});

class ImagePull extends EndsWithPods<V1DaemonSet> {
  readonly #view: ClusterView;
  readonly #object: OwnedObject<V1DaemonSet>;
  readonly #nodes: DaemonNodes;
  readonly #pods: TestPods;
  readonly #image: string;
  /** Pod → the newest of what its node said against it: a back-off says it no more. */
  readonly #said: ReadonlyMap<string, string>;

  constructor(view: ClusterView, object: OwnedObject<V1DaemonSet>, nodes: DaemonNodes, image: string) {
    const said = new Map<string, string>();
    const see = (pods: readonly PodView[]) => {
      for (const pod of pods) for (const words of answersOf(pod)) said.set(pod.uid, words);
    };
    const own = ofRun(object.ref.name, view.scope.id);
    const pods = new TestPods(view, object.title, own, nodes.wanted.length, see);
    super(object, pods);
    this.#view = view;
    this.#object = object;
    this.#nodes = nodes;
    this.#image = image;
    this.#said = said;
    this.#pods = pods;
    view.pods ??= pods;
  }

  async create(): Promise<void> {
    const { name } = this.#object.ref;
    const own = ofRun(name, this.#view.scope.id);
    const one = { name: container, image: this.#image, imagePullPolicy: 'Always', command: [nothing] };
    const spec = { ...onlyOn(this.#nodes.chosen), containers: [one] };
    await this.#object.create(daemonSetManifest(this.#view, { name, own, spec }));
  }

  /** Waits until every node has pulled it. Raises pull.*, timeout.waiting_on_phase, k8s.replica_failure. */
  async pulled(): Promise<void> {
    const wanted = `image ${this.#image} pulled on ${this.#nodes.wanted.join(', ')}`;
    try {
      await this.#pods.until(this.#look, wanted, 'timeout.waiting_on_phase');
    } catch (error) {
      const now = standing(await this.#pods.list());
      const refused = now.filter((pod) => this.#isRefused(pod));
      throwFindings(refused.map((pod) => this.#defect(pod)));
      throw await wordOn(asLate(error), this.#view, this.#object, now, now.length < this.#nodes.wanted.length);
    }
  }

  /** How long it took by the kubelets' events, which may be lost: then a note says so. Times action `pull`. */
  async timed(): Promise<void> {
    const { api, namespace, scope } = this.#view;
    const fieldSelector = 'involvedObject.kind=Pod,reason=Pulled';
    const list = await this.#view.call('list events', (signal) =>
      api.list(events, { namespace, fieldSelector }, signal),
    );
    const own = new Map(standing(await this.#pods.list()).map(({ uid, node = '' }) => [uid, node]));
    const times = firstPulls(list.items, own);
    for (const { durationMs } of times)
      scope.measure({ kind: 'action', resource: 'image', action: 'pull', durationMs });
    const slowest = times.toSorted((a, b) => b.durationMs - a.durationMs)[0];
    scope.note(
      slowest
        ? `pulled on ${own.size} nodes, in ${seconds(slowest.durationMs)} at most (${slowest.node})`
        : `pulled on ${own.size} nodes; no event says how long it took`,
    );
  }

  /** Waits until the node says that there is no such tag. Raises pull.*, timeout.waiting_on_phase. */
  async refused(): Promise<void> {
    const look = (pods: readonly PodView[]): Look<readonly PodView[]> => {
      const alive = standing(pods);
      const isSettled = alive.length > 0 && alive.every((pod) => isPulled(pod) || this.#said.has(pod.uid));
      return isSettled
        ? { done: true, value: alive }
        : { done: false, why: alive.map((pod) => describe(pod)).join('; ') || 'no pod' };
    };
    const pods = await this.#pods.until(look, `image ${this.#image} refused`, 'timeout.waiting_on_phase');
    for (const pod of pods) {
      if (isPulled(pod))
        throw new Defect('pull.wrong', `${pod.node} has pulled ${this.#image}, a tag that nobody made`);
      const defect = this.#defect(pod);
      // Some say so in place of "not found", so that nobody learns which names there are.
      if (defect.finding.code === 'pull.not_found' || defect.finding.code === 'pull.unauthorized')
        this.#view.scope.note(`${pod.node}: ${this.#said.get(pod.uid)}`);
      else throw defect;
    }
  }

  readonly #look = (pods: readonly PodView[]): Look<readonly PodView[]> => {
    const alive = standing(pods);
    const has = new Set(alive.filter(isPulled).map(({ node }) => node));
    const missing = this.#nodes.wanted.filter((node) => !has.has(node));
    if (missing.length <= alive.filter(hasNoRoom).length) return { done: true, value: alive };
    const trouble = alive.filter((pod) => !isPulled(pod)).map((pod) => describe(pod));
    return { done: false, why: [`not on ${missing.join(', ')}`, ...trouble].join('; ') };
  };

  #isRefused(pod: PodView): boolean {
    return this.#said.has(pod.uid) && !isPulled(pod);
  }

  #defect({ uid, node = '' }: PodView): Defect {
    const words = this.#said.get(uid) ?? '';
    const code: FindingCode = pullCode(words);
    return new Defect(code, `${node} cannot pull ${this.#image}: ${words}`, { object: { kind: 'node', name: node } });
  }
}

/** Those that have pulled have failed as well, which says nothing of the others. */
function asLate(error: unknown): unknown {
  if (!(error instanceof Defect) || error.finding.code !== 'k8s.pod_failed') return error;
  const { message, object } = error.finding;
  return new Defect('timeout.waiting_on_phase', message, { object });
}

/** Its container was made, whatever became of it. */
function isPulled({ containers }: PodView): boolean {
  const own = containers.find(({ name }) => name === container);
  if (!own || own.state === 'unknown') return false;
  return own.state !== 'waiting' || !before.has(own.reason ?? 'ContainerCreating');
}

function answersOf({ containers }: PodView): readonly string[] {
  return containers.flatMap(({ name, reason = '', message = '' }) => {
    if (name !== container || !failing.has(reason)) return [];
    // From 1.31 on a back-off repeats what it is about.
    const words = message.replace(/^Back-off pulling image "[^"]*"(: ErrImagePull: )?/, '');
    return words ? [words] : [];
  });
}

/** An image by the tag that no registry has. */
function withoutTag(image: string): string {
  const [name = ''] = image.split('@');
  const slash = name.lastIndexOf('/');
  const colon = name.indexOf(':', slash + 1);
  return `${colon < 0 ? name : name.slice(0, colon)}:${missingTag}`;
}

/** PULL_IMAGE, pulled anew on ten nodes at most; `missing`: a tag of it that there is not, on one. Named TEST_DEPLOYMENT-pull. It is made and deleted. */
function make({ missing = false }: { readonly missing?: boolean } = {}): Creatable<ImagePull> {
  return made((view) => {
    const { deployment, pullImage } = view.objects;
    const image = pullImage ?? imageOf(view.objects, 'first');
    const name = missing ? `${deployment}-pull-missing` : `${deployment}-pull`;
    const object = new OwnedObject<V1DaemonSet>(view, kind, name);
    return {
      object,
      create: async () => {
        const nodes = await daemonNodes(view);
        const [one = ''] = nodes.wanted;
        const at = missing ? { wanted: [one], allowed: new Set([one]), chosen: [one] } : nodes;
        const created = new ImagePull(view, object, at, missing ? withoutTag(image) : image);
        await created.create();
        return created;
      },
    };
  });
}

export const imagePull = Object.assign(make, { kind });
