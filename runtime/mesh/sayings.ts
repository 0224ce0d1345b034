/** What both judgements of agents say alike. Pure. */
import type { FindingCode } from '../findings.ts';
import type { Trouble } from '../model/mesh.ts';

/** Node → why its agent did not answer this process; all of them. */
export function nobodyAnswers(silent: ReadonlyMap<string, string>): Trouble {
  const [[node, why] = ['', '']] = silent;
  return {
    code: 'mesh.node_unreachable',
    nodes: silent.size === 1 ? [node] : [],
    message: `None of ${silent.size} agents answers this process at its pod's address although all are Ready: ${node}: ${why}`,
  };
}

/** Of one node. */
export function doesNotAnswer(node: string, why: string): string {
  return `The agent on ${node} does not answer this process: ${why}`;
}

export function listed(nodes: readonly string[]): string {
  return `${nodes.slice(0, 5).join(', ')}${nodes.length > 5 ? ' and others' : ''}`;
}

const dnsWords = ['nxdomain', 'servfail', 'refused', 'timeout', 'wrong_answer'] as const;

/** `why`: as an agent says it. */
export function dnsCode(why: string | undefined): FindingCode {
  const word = dnsWords.find((code) => code === why) ?? (why === 'ECONNREFUSED' ? 'refused' : 'no_answer');
  return `dns.${word}`;
}
