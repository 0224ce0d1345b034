/** Nodes that do not do their work, and whether it is their kubelet or their network. */
import type { ContainerView, NodeView, PodView } from '../../model/evidence.ts';
import { count, distinct, isReady, scheduledCondition } from '../clues.ts';
import type { Answer, Clues, Rule } from '../rule.ts';

const logRequest = 'read log of pod/';
const refused = /:10250.*(?:connection refused|connection reset|EOF)/;
const unreachable = /:10250.*(?:no route to host|i\/o timeout|network is unreachable|host is down)/;

/** The scheduler's word that a node is not to be had because of what is wrong with it; without taints it says "were not ready". */
const keptOut = /node\.kubernetes\.io\/(?:not-ready|unreachable)|were not ready/;

/** The network of a pod is made on its node, by what the kubelet calls for it. */
const noNetwork = /FailedCreatePodSandBox.*(?:\bcni\b|network)/is;

/** A finding that names the node, and what the API server met there. */
const unreadable = /^The log of pod\/\S+ cannot be read from (\S+): (.*)/s;

type KubeletAnswer = 'refused' | 'unreachable' | 'no answer' | 'answered';

/** What the API server met when it asked a node's kubelet for a pod's log. */
function kubeletAnswers(clues: Clues): ReadonlyMap<string, KubeletAnswer> {
  const answers = new Map<string, KubeletAnswer>();
  for (const { message } of clues.findings) {
    const [, node, said = ''] = unreadable.exec(message) ?? [];
    if (node) answers.set(node, kindOf(said));
  }
  for (const { request, status, message } of clues.evidence.api) {
    const pod = request.startsWith(logRequest) && request.slice(logRequest.length);
    const node = clues.evidence.pods.find(({ name }) => name === pod)?.node;
    if (!node) continue;
    const isDead = status === 'no answer' || status >= 500;
    answers.set(node, isDead ? kindOf(message) : 'answered');
  }
  for (const { pod } of clues.evidence.logs) {
    const node = clues.evidence.pods.find(({ name }) => name === pod)?.node;
    if (node) answers.set(node, 'answered');
  }
  return answers;
}

function kindOf(message: string): KubeletAnswer {
  return refused.test(message) ? 'refused' : unreachable.test(message) ? 'unreachable' : 'no answer';
}

/** Which of a silent node's parts it is; `seen` says what the node did not do. */
function blame(clues: Clues, nodes: readonly string[], seen: string, otherwise: Answer['confidence']): Answer {
  const answers = kubeletAnswers(clues);
  const answer = nodes.map((node) => answers.get(node)).find(Boolean);
  const reached = clues.evidence.probes.some(({ node, result }) => nodes.includes(node ?? '') && result === '200');
  const part = nodes.join(', ');
  if (answer === 'unreachable' && !reached) {
    return {
      component: 'node-network',
      part,
      confidence: 'certain',
      sentence: `${seen}, and the API server finds no way to ${part}: its network is cut or the machine is down.`,
      command: `kubectl describe node ${nodes[0]}`,
    };
  }
  const because = {
    refused: `, and nothing listens where the kubelet of ${part} should`,
    'no answer': `, and the kubelet of ${part} does not answer the API server`,
    unreachable: '',
    answered: '',
  }[answer ?? 'answered'];
  return {
    component: 'kubelet',
    part,
    confidence: answer === 'refused' ? 'certain' : otherwise,
    sentence: `${seen}${because}.`,
    command: `kubectl describe node ${nodes[0]}`,
  };
}

export const nodes: readonly Rule[] = [
  {
    name: 'kubelet/no-answer-for-logs',
    seen: "the first thing that went wrong is a read of a pod's log, which the node's kubelet does not answer",
    read: (clues) => {
      const { message } = clues.first;
      if (!message.startsWith(logRequest) && !unreadable.test(message)) return undefined;
      const [node] = [...kubeletAnswers(clues)].find(([, answer]) => answer !== 'answered') ?? [];
      return node ? blame(clues, [node], `The log of a pod on ${node} cannot be read`, 'likely') : undefined;
    },
  },
  {
    name: 'kubelet/node-not-ready',
    seen: 'a node is NotReady, and pods on it are in trouble, or the scheduler says that it keeps pods from a node',
    read: (clues) => {
      const down = clues.evidence.nodes.filter(({ ready }) => !ready);
      const names = down.map(({ name }) => name);
      const homeless = clues.standing.filter((pod) => keptOut.test(scheduledCondition(pod)?.message ?? ''));
      const stuck = clues.evidence.pods.filter(
        (pod) => names.includes(pod.node ?? '') && (pod.deletedAt || !isReady(pod)),
      );
      const mute = clues.evidence.probes.filter(({ node, result }) => names.includes(node ?? '') && result !== '200');
      if (down.length === 0 || homeless.length + stuck.length + mute.length === 0) return undefined;
      // A node that has been down for days is no news: where pods tell which it is, the others are bystanders.
      const concerned = distinct([...stuck, ...mute].map(({ node }) => node));
      const bad = concerned.length > 0 ? down.filter(({ name }) => concerned.includes(name)) : down;
      if (concerned.length === 0 && homeless.some((pod) => /Insufficient/.test(scheduledCondition(pod)?.message ?? '')))
        return undefined;
      const touched = [
        stuck.length > 0 && `${count(stuck.length, 'pod')} on it stuck`,
        homeless.length > 0 && `${count(homeless.length, 'pod')} without a node`,
        mute.length > 0 && `${count(mute.length, 'request')} to its pods unanswered`,
      ].filter(Boolean);
      return blame(
        clues,
        bad.map(({ name }) => name),
        `${bad.map((node) => notReady(node, clues)).join('; ')}; ${touched.join(', ')}`,
        'likely',
      );
    },
  },
  {
    name: 'kubelet/content-stale',
    seen: 'running pods still serve a ConfigMap or a Secret of before, minutes after its change',
    read: (clues) => {
      const stale = clues.findings.filter(({ code }) => code === 'k8s.content_stale');
      const pods = clues.evidence.pods.filter(({ name }) => stale.some(({ object }) => object?.name === name));
      const names = distinct(pods.map(({ node }) => node));
      if (names.length === 0) return undefined;
      return blame(clues, names, `${on(pods, 'serves', 'serve')} what was in its volumes before a change`, 'likely');
    },
  },
  {
    name: 'kubelet/no-container-status',
    seen: 'pods have a node and no container status',
    read: (clues) => {
      const mute = clues.standing.filter(
        (pod) =>
          pod.node && pod.containers.length === 0 && !isReady(pod) && clues.isOverdue(scheduledCondition(pod)?.since),
      );
      if (!clues.waited || mute.length === 0) return undefined;
      const names = distinct(mute.map(({ node }) => node));
      const oldest = Math.max(...mute.map((pod) => clues.ageS(scheduledCondition(pod)?.since)));
      return blame(
        clues,
        names,
        `${on(mute, 'was', 'were')} scheduled ${oldest} s ago and ${mute.length === 1 ? 'has' : 'have'} no container status`,
        'likely',
      );
    },
  },
  {
    name: 'kubelet/deletion-ignored',
    seen: 'a pod marked for deletion stays, and the kubelet of its node has not begun to stop it',
    read: (clues) => {
      const stuck = clues.deleting.filter(
        (pod) => pod.node && !isBeingKilled(pod, clues) && clues.isOverdue(deletionAsked(pod)),
      );
      if (!clues.waited || stuck.length === 0) return undefined;
      const names = distinct(stuck.map(({ node }) => node));
      const oldest = Math.max(...stuck.map((pod) => clues.ageS(deletionAsked(pod))));
      return blame(
        clues,
        names,
        `${on(stuck, 'was', 'were')} marked for deletion ${oldest} s ago, and no kubelet has begun to stop ${stuck.length === 1 ? 'it' : 'them'}`,
        'likely',
      );
    },
  },
  {
    name: 'kubelet/not-killed',
    seen: 'a pod runs on after its grace period although its kubelet said that it stops it',
    read: (clues) => {
      const stuck = clues.deleting.filter(
        (pod) => isBeingKilled(pod, clues) && overdueS(pod, clues) > 0 && isRunning(pod),
      );
      if (!clues.waited || stuck.length === 0) return undefined;
      const names = distinct(stuck.map(({ node }) => node));
      const longest = Math.max(...stuck.map((pod) => overdueS(pod, clues)));
      return blame(
        clues,
        names,
        `${on(stuck)} still running ${longest} s after the end of its grace period, when it is killed whatever it does`,
        'likely',
      );
    },
  },
  {
    name: 'kubelet/cannot-start',
    seen: 'containers stay in ContainerCreating; the events of the pod say why, or nothing does',
    read: (clues) => {
      const creating = clues.standing.filter(
        (pod) => isCreating(pod) && clues.isOverdue(scheduledCondition(pod)?.since),
      );
      if (!clues.waited || creating.length === 0) return undefined;
      const names = distinct(creating.map(({ node }) => node));
      const why = clues.events.find(
        ({ type, reason, object }) =>
          type === 'Warning' && reason !== 'FailedScheduling' && creating.some(({ name }) => name === object.name),
      );
      if (why && noNetwork.test(`${why.reason} ${why.message}`)) {
        return {
          component: 'node-network',
          part: names.join(', '),
          confidence: 'likely',
          sentence: `${on(creating)} in ContainerCreating since no network can be made for ${creating.length === 1 ? 'it' : 'them'}: ${why.message.replace(/\.$/, '')}.`,
          command: `kubectl describe pod ${why.object.name} -n ${clues.run.namespace}`,
        };
      }
      return blame(
        clues,
        names,
        `${on(creating)} in ContainerCreating${why ? ` (${why.reason}: ${why.message})` : ''}`,
        'likely',
      );
    },
  },
];

/** Its kubelet has yet to begin. Containers that wait for an init container which has begun are none of the kubelet's. */
function isCreating(pod: PodView): boolean {
  const creates = ({ reason }: ContainerView) => reason === 'ContainerCreating' || reason === 'PodInitializing';
  const before = (pod.init ?? []).filter(({ state, exitCode }) => state !== 'terminated' || exitCode !== 0);
  return before.length > 0 ? before.every(creates) : pod.containers.some(creates);
}

function notReady(node: NodeView, clues: Clues): string {
  const since = node.readySince ? ` for ${clues.ageS(node.readySince)} s` : '';
  const why = [node.readyReason, node.readyMessage].filter(Boolean).join(': ');
  return `Node ${node.name} is NotReady${since}${why ? ` (${why.replace(/\.$/, '')})` : ''}`;
}

function on(pods: readonly PodView[], one = 'is', several = 'are'): string {
  const names = distinct(pods.map(({ node }) => node)).join(', ');
  return `${count(pods.length, 'pod')} on ${names} ${pods.length === 1 ? one : several}`;
}

export function isRunning(pod: PodView): boolean {
  return pod.containers.some(({ state }) => state === 'running');
}

/** The kubelet says so by an event; containers that have ended say it too. */
export function isBeingKilled(pod: PodView, clues: Clues): boolean {
  const said = clues.events.some(({ reason, object }) => reason === 'Killing' && object.name === pod.name);
  return said || pod.containers.some(({ state }) => state === 'terminated');
}

/** The deletion timestamp is the end of the grace period. */
export function overdueS(pod: PodView, clues: Clues): number {
  return clues.ageS(pod.deletedAt);
}

function deletionAsked(pod: PodView): string {
  return new Date(Date.parse(pod.deletedAt ?? '') - (pod.graceSeconds ?? 0) * 1000).toISOString();
}
