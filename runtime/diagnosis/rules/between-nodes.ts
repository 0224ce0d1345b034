/** What agents on the nodes have found between them: the codes name it, and their objects the nodes. */
import type { FindingCode } from '../../findings.ts';
import type { Component } from '../../model/diagnosis.ts';
import { count, distinct } from '../clues.ts';
import type { Answer, Clues, Rule } from '../rule.ts';

interface Row {
  readonly name: string;
  readonly seen: string;
  readonly codes: readonly FindingCode[];
  readonly component: Component;
  readonly confidence: Answer['confidence'];
  /** After "node2: ". */
  readonly words: string;
  command(node: string): string;
}

const describeNode = (node: string) => `kubectl describe node ${node}`;
const proxies = () => 'kubectl get pods -n kube-system -l k8s-app=kube-proxy -o wide';

/** From what the others need to what needs them. */
const rows: readonly Row[] = [
  {
    name: 'node-network/agents-unreachable',
    seen: 'the agent on a node reaches no agent on other nodes, or is not reached by them',
    codes: ['mesh.node_unreachable', 'mesh.link_broken'],
    component: 'node-network',
    confidence: 'certain',
    words: 'its pods and those of other nodes do not reach each other',
    command: describeNode,
  },
  {
    name: 'node-network/large-answers-lost',
    seen: 'small answers pass between agents, large ones to or from those on a node are lost',
    codes: ['mesh.large_answers_lost'],
    component: 'node-network',
    confidence: 'certain',
    words: 'small answers pass and large ones are lost, as where an MTU does not fit',
    command: describeNode,
  },
  {
    name: 'node-network/slow-or-lossy',
    seen: 'connections between agents, to or from those on a node, take a second and more again and again',
    codes: ['mesh.slow'],
    component: 'node-network',
    confidence: 'likely',
    words: 'packets are lost, or the way is slow',
    command: describeNode,
  },
  {
    name: 'kube-proxy/of-one-node',
    seen: 'a new service does not answer the agent on a node, and does those on others; pods of other nodes are reached from there',
    codes: ['mesh.service_unreachable'],
    component: 'kube-proxy',
    confidence: 'certain',
    words: 'a new service does not answer from there, and does from other nodes',
    command: proxies,
  },
  {
    name: 'dns/of-one-node',
    seen: 'the agent on a node does not resolve names of the cluster that those on others do',
    codes: ['mesh.dns_unreachable'],
    component: 'dns',
    confidence: 'certain',
    words: 'pods there do not resolve names of the cluster, and those of other nodes do',
    command: () => 'kubectl get pods,endpoints -n kube-system -l k8s-app=kube-dns',
  },
];

function read(row: Row, { findings }: Clues): Answer | undefined {
  const own = findings.filter(({ code }) => row.codes.includes(code));
  const [first] = own;
  if (!first) return undefined;
  const nodes = distinct(own.map(({ object }) => (object?.kind === 'node' ? object.name : undefined)));
  const [node] = nodes;
  const { component, confidence, words } = row;
  if (node === undefined)
    return {
      component,
      part: 'where we run',
      confidence: 'possible',
      sentence: `${first.message.replace(/\.$/, '')}.`,
    };
  const said =
    own.length > 1
      ? `${count(own.length, 'finding')} of the agents: ${words}.`
      : `${first.message.replace(/\.$/, '')}.`;
  return {
    component,
    part: nodes.join(', '),
    confidence,
    sentence: `${nodes.join(', ')}: ${said}`,
    command: row.command(node),
  };
}

/** kube-proxy of every node at once, or where all of them look. */
const everywhere: Rule = {
  name: 'kube-proxy/on-no-node',
  seen: 'a service in front of agents answers on no node; its endpoints are right, and agents reach each other',
  read: (clues) => {
    const isIt = clues.findings.find(
      ({ code, message }) =>
        code === 'timeout.waiting_on_endpoints' && message.startsWith('The service in front of the agents'),
    );
    if (!isIt || clues.evidence.endpoints?.addresses.length === 0) return undefined;
    return {
      component: 'kube-proxy',
      part: 'where we run',
      confidence: 'likely',
      sentence: `${isIt.message}.`,
      command: proxies(),
    };
  },
};

export const mesh: readonly Rule[] = [
  ...rows.map((row): Rule => ({ name: row.name, seen: row.seen, read: (clues) => read(row, clues) })),
  everywhere,
];
