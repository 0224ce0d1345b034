/** Agents of our own, a DaemonSet: each says what it sees from its node. */
import type { V1Container, V1DaemonSet } from '@kubernetes/client-node';
import { agentName, agentPort, agentVariables, paths } from '../../../agent/contract.ts';
import { newKey } from '../../../agent/signature.ts';
import { Defect, throwFindings } from '../../defects.ts';
import type { PodView } from '../../model/evidence.ts';
import type { Agents, Found, Trouble } from '../../model/mesh.ts';
import type { Creatable } from '../../model/resource.ts';
import type { ClusterView } from './cluster-view.ts';
import { fitsDaemon, hasNoRoom, noNodeTakesThem, onlyOn } from './daemon-nodes.ts';
import { daemonSetView, grants, served } from './daemonset.ts';
import { daemonSetManifest } from './daemonset-manifest.ts';
import { objectKind } from './kind.ts';
import { made } from './managed.ts';
import { chosen, type NodePlace, placesOf } from './node-places.ts';
import { seconds } from './object-words.ts';
import { OwnedObject } from './owned-object.ts';
import { codeOf, describe, isReady, standing } from './pod-conditions.ts';
import { TestPods } from './pods.ts';
import { shownWithPods, wordOn } from './standing-pods.ts';
import { agentLabels, agentsName, type TestObjects } from './test-objects.ts';

/** Nodes with an agent in one run; others in others. */
const most = 250;
const container = 'agent';

const kind = objectKind<V1DaemonSet>()({
  ...served,
  grants,
  // Those of as many nodes, and of the run before, which go.
  quota: {
    'count/daemonsets.apps': '10',
    pods: '510',
    'requests.cpu': '5100m',
    'requests.memory': '12240Mi',
    'limits.cpu': '102000m',
    'limits.memory': '24480Mi',
  },
  ports: [agentPort],
  ...shownWithPods(served, daemonSetView, container),
});

export interface AgentsHandle {
  /** Waits until every node that is to have an agent has a Ready one, and goes on with those that there are. Raises timeout.waiting_on_phase, k8s.pod_failed, k8s.replica_failure where there is none at all. */
  ready(): Promise<void>;
  /** Raises timeout.waiting_on_phase, k8s.pod_failed for each node that `ready` found without an agent. */
  oneOnEachNode(): void;
  /** Those that are Ready, for `t.mesh.ask`. */
  toAsk(): Agents;
  /** Looks again at the nodes of what was found: of who has become unfit meanwhile, or came less than a wait before, it leaves a note. Raises mesh.*, dns.*, timeout.waiting_on_endpoints. */
  judge(found: Found): Promise<void>;
}

class TestAgents implements AgentsHandle {
  readonly #view: ClusterView;
  readonly #object: OwnedObject<V1DaemonSet>;
  readonly #pods: TestPods;
  readonly #key = newKey();
  #places: readonly NodePlace[];
  #lacking: readonly Defect[] = [];
  #ready: readonly PodView[] = [];

  constructor(view: ClusterView, object: OwnedObject<V1DaemonSet>, places: readonly NodePlace[]) {
    this.#view = view;
    this.#object = object;
    this.#places = places;
    this.#pods = new TestPods(view, object.title, agentLabels(view.objects, view.scope.id), places.length);
    view.pods = this.#pods;
  }

  /** `only`: of a large cluster, those that are asked for by name. */
  async create(only: readonly string[] | undefined): Promise<void> {
    await this.#object.create(this.#manifest(only));
    this.#pods.timeAllBut([]);
  }

  async ready(): Promise<void> {
    const wanted = `a Ready agent on each of ${this.#places.length} nodes`;
    try {
      this.#ready = await this.#pods.until(this.#look, wanted, 'timeout.waiting_on_phase');
    } catch (error) {
      const now = await this.#pods.list();
      this.#places = await this.#stillFit();
      this.#ready = standing(now).filter((pod) => isReady(pod) && this.#isWanted(pod.node));
      const missing = this.#places.filter(({ name }) => !this.#ready.some(({ node }) => node === name));
      if (missing.length > 0 && this.#ready.length === 0) {
        const isLacking = standing(now).length < this.#places.length;
        throw await wordOn(error, this.#view, this.#object, standing(now), isLacking);
      }
      this.#lacking = missing.map(({ name }) => this.#withoutAgent(name, now));
    }
  }

  oneOnEachNode(): void {
    throwFindings(this.#lacking);
  }

  toAsk(): Agents {
    const members = this.#ready.map(({ name, node = '', ip = '' }) => ({ node, pod: name, host: ip }));
    return { key: this.#key, members: members.sort((a, b) => (a.node < b.node ? -1 : 1)) };
  }

  async judge({ troubles, afterMs }: Found): Promise<void> {
    if (troubles.length === 0) return;
    const excuseOf = await this.#excuses(afterMs);
    const blamed = troubles.filter(({ nodes, message }) => {
      const excused = nodes.find((node) => excuseOf(node));
      if (excused) this.#view.scope.note(`not blamed, since ${excused} ${excuseOf(excused)}: ${message}`);
      return !excused;
    });
    const { objects, namespace } = this.#view;
    const service = { kind: 'service', name: objects.service, namespace };
    const objectOf = ({ code, nodes: [name] }: Trouble) =>
      name !== undefined ? { kind: 'node', name } : code === 'timeout.waiting_on_endpoints' ? service : undefined;
    throwFindings(blamed.map((one) => new Defect(one.code, one.message, { object: objectOf(one) })));
  }

  readonly #look = (pods: readonly PodView[]) => {
    const alive = standing(pods).filter(({ node }) => !node || this.#isWanted(node));
    const good = alive.filter(isReady);
    const ready = new Set(good.map(({ node }) => node));
    const full = alive.filter(hasNoRoom);
    const missing = this.#places.filter(({ name }) => !ready.has(name));
    if (missing.length <= full.length) {
      for (const pod of full) this.#view.scope.note(describe(pod));
      return { done: true, value: good } as const;
    }
    const trouble = alive.filter((pod) => !isReady(pod)).map((pod) => describe(pod));
    const names = missing.slice(0, 5).map(({ name }) => name);
    const why = `${ready.size} of ${this.#places.length} nodes have one, not ${names.join(', ')}`;
    return { done: false, why: [why, ...trouble.slice(0, 5)].join('; ') } as const;
  };

  #isWanted(node: string | undefined): boolean {
    return this.#places.some(({ name }) => name === node);
  }

  #withoutAgent(node: string, pods: readonly PodView[]): Defect {
    const here = standing(pods).filter((pod) => pod.node === node);
    const why = here.map((pod) => describe(pod))[0] ?? 'no pod is there';
    const after = seconds(this.#view.patience.spentMs);
    return new Defect(
      codeOf(here, 'timeout.waiting_on_phase'),
      `${this.#object.title}: no Ready agent on ${node} after ${after}: ${why}`,
      { object: { kind: 'node', name: node } },
    );
  }

  /** Those that were wanted and still are: a node that was cordoned, or has gone, since then is not. */
  async #stillFit(): Promise<readonly NodePlace[]> {
    const before = new Set(this.#places.map(({ name }) => name));
    const now = (await placesOf(this.#view, fitsDaemon(this.#view.objects))).filter(({ name }) => before.has(name));
    const fit = now.filter(({ unfit }) => !unfit);
    for (const { name, unfit } of now) if (unfit) this.#view.scope.note(`${name} is not waited for: it ${unfit}`);
    return fit.length > 0 ? fit : now;
  }

  /** Why a node is not blamed; undefined: it is. */
  async #excuses(afterMs: number): Promise<(node: string) => string | undefined> {
    const waitMs = this.#view.patience.spentMs + this.#view.patience.leftMs;
    const [places, pods] = await Promise.all([placesOf(this.#view), this.#pods.list()]);
    const now = new Map(places.map((place) => [place.name, place]));
    const isAnyFit = places.some(({ unfit }) => !unfit);
    const stands = new Set(
      standing(pods)
        .filter(isReady)
        .map(({ uid }) => uid),
    );
    return (node) => {
      const place = now.get(node);
      if (!place) return 'is gone';
      if (place.unfit && isAnyFit) return place.unfit;
      if (place.ageMs < afterMs + waitMs) return 'is new';
      const agent = this.#ready.find((pod) => pod.node === node);
      return agent && !stands.has(agent.uid) ? 'has lost its agent meanwhile' : undefined;
    };
  }

  #manifest(only: readonly string[] | undefined): V1DaemonSet {
    const { objects, scope } = this.#view;
    return daemonSetManifest(this.#view, {
      name: this.#object.ref.name,
      own: agentLabels(objects, scope.id),
      // It needs nothing that the strictest level forbids.
      objects: { ...objects, podSecurity: 'restricted' },
      spec: {
        ...onlyOn(only),
        // Names of their own, in a headless service of that name.
        hostname: agentName,
        subdomain: objects.service,
        // Of our image.
        securityContext: { runAsUser: 65_532, runAsGroup: 65_532 },
        containers: [agentContainer(objects, this.#key)],
      },
    });
  }
}

function agentContainer({ agentImage }: TestObjects, key: string): V1Container {
  return {
    name: container,
    image: agentImage ?? '',
    args: ['agent'],
    env: [
      { name: agentVariables.key, value: key },
      { name: agentVariables.node, valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    ],
    ports: [{ containerPort: agentPort }],
    resources: { requests: { cpu: '10m', memory: '24Mi' }, limits: { cpu: '200m', memory: '48Mi' } },
    readinessProbe: { httpGet: { path: paths.healthy, port: agentPort as never }, periodSeconds: 1 },
  };
}

/** Agents on the nodes, 250 at most, others from run to run; named TEST_DEPLOYMENT-agents, of AGENT_IMAGE. They are made and deleted. */
function make(): Creatable<AgentsHandle> {
  return made((view) => {
    const object = new OwnedObject<V1DaemonSet>(view, kind, agentsName(view.objects));
    return {
      object,
      create: async () => {
        const all = await placesOf(view, fitsDaemon(view.objects));
        const fit = all.filter(({ unfit }) => !unfit);
        for (const { name, unfit } of all.slice(0, 100))
          if (unfit) view.scope.note(`${name} has no agent: it ${unfit}`);
        if (fit.length === 0) throw noNodeTakesThem();
        const taken = fit.length > most ? chosen(fit, most) : fit;
        if (taken !== fit) view.scope.note(`agents on ${most} of ${fit.length} nodes, on others in other runs`);
        const created = new TestAgents(view, object, taken);
        await created.create(taken === fit ? undefined : taken.map(({ name }) => name));
        return created;
      },
    };
  });
}

export const agents = Object.assign(make, { kind });
