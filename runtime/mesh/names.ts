/** Names, as the agents resolve them: what is asked, and what is broken where it is not found. */
import { agentName, agentPort, agentPortName, type NameLook, type RecordType } from '../../agent/contract.ts';
import type { Member, Trouble } from '../model/mesh.ts';
import { dnsCode, doesNotAnswer, listed, nobodyAnswers } from './sayings.ts';
import type { Silence } from './seen.ts';

export interface WantedName {
  /** "the short name". */
  readonly words: string;
  readonly name: string;
  readonly type: RecordType;
  /** Undefined: it is right. */
  wrong(look: NameLook): string | undefined;
  /** Not of the cluster. */
  readonly isExternal?: true;
}

/** Of the headless service in front of the agents. `host`: its whole name. */
export function namesOf(host: string, members: readonly Member[], external: string | undefined): readonly WantedName[] {
  const [service = '', namespace = ''] = host.split('.');
  const own = new Set(members.map(({ host }) => host));
  const leadsToAgents = ({ records, found }: NameLook) => {
    const foreign = records.filter((address) => !own.has(address));
    if (foreign.length > 0) return `${foreign.join(', ')}, which no agent has`;
    return found === 0 ? 'no address' : undefined;
  };
  const leadsToPort = ({ records }: NameLook) =>
    records.length > 0 && records.every((record) => record.startsWith(`${agentPort} `))
      ? undefined
      : `${records.join(', ') || 'nothing'}, and not port ${agentPort}`;
  const address = { type: 'address', wrong: leadsToAgents } as const;
  return [
    { words: 'the short name', name: service, ...address },
    { words: 'the name with its namespace', name: `${service}.${namespace}`, ...address },
    { words: 'the whole name', name: `${host}.`, ...address },
    { words: 'the name of a pod', name: `${agentName}.${host}.`, ...address },
    { words: 'the SRV record', name: `_${agentPortName}._tcp.${host}.`, type: 'service', wrong: leadsToPort },
    ...(external
      ? [
          {
            words: 'a name outside',
            name: `${external}.`,
            type: 'address',
            wrong: () => undefined,
            isExternal: true,
          } as const,
        ]
      : []),
  ];
}

interface Miss {
  readonly node: string;
  readonly wanted: WantedName;
  /** nxdomain, timeout, wrong_answer. */
  readonly why: string;
  readonly detail?: string;
}

/** What the agents said of the names, over all rounds: of each the best. */
export class NamesSeen {
  readonly members: readonly Member[];
  readonly wanted: readonly WantedName[];
  readonly silent = new Map<string, string>();
  readonly looks = new Map<string, readonly NameLook[]>();

  constructor(members: readonly Member[], wanted: readonly WantedName[]) {
    this.members = members;
    this.wanted = wanted;
  }

  report(node: string, looks: readonly NameLook[]): void {
    this.silent.delete(node);
    const before = this.looks.get(node);
    const isBetter = (index: number) => before?.[index] && !missOf(this.wanted[index], before[index]);
    this.looks.set(
      node,
      looks.map((look, index) => (isBetter(index) ? (before?.[index] as NameLook) : look)),
    );
  }

  silence(node: string, { why }: Silence): void {
    if (!this.looks.has(node)) this.silent.set(node, why);
  }

  get misses(): readonly Miss[] {
    return this.members.flatMap(({ node }) =>
      (this.looks.get(node) ?? []).flatMap((look, index) => {
        const wanted = this.wanted[index] as WantedName;
        const miss = missOf(wanted, look);
        return miss ? [{ node, wanted, ...miss }] : [];
      }),
    );
  }

  get troubled(): readonly Member[] {
    const missing = new Set(this.misses.map(({ node }) => node));
    return this.members.filter(({ node }) => missing.has(node) || !this.looks.has(node));
  }
}

export function missOf(wanted: WantedName | undefined, look: NameLook): { why: string; detail?: string } | undefined {
  if (look.why !== undefined) return { why: look.why };
  const detail = wanted?.wrong(look);
  return detail === undefined ? undefined : { why: 'wrong_answer', detail };
}

/** One trouble for each broken node; one for what is broken everywhere. Pure. */
export function namesVerdict(seen: NamesSeen): readonly Trouble[] {
  const { members, looks, silent, misses, wanted } = seen;
  if (members.length > 0 && silent.size === members.length) return [nobodyAnswers(silent)];
  const mute = [...silent].map(
    ([node, why]): Trouble => ({ code: 'mesh.node_unreachable', nodes: [node], message: doesNotAnswer(node, why) }),
  );
  const nowhere = wanted.filter(
    (name) => looks.size > 0 && misses.filter(({ wanted }) => wanted === name).length === looks.size,
  );
  const rest = misses.filter(({ wanted }) => !nowhere.includes(wanted));
  const byNode = Map.groupBy(rest, ({ node }) => node);
  return [...mute, ...ofAll(seen, nowhere), ...[...byNode].map(([node, own]) => ofNode(seen, node, own))];
}

function ofAll({ looks, misses, wanted }: NamesSeen, nowhere: readonly WantedName[]): readonly Trouble[] {
  const ofCluster = nowhere.filter(({ isExternal }) => !isExternal);
  const external = nowhere.find(({ isExternal }) => isExternal);
  const where = looks.size === 1 ? `on ${[...looks.keys()].join()}` : `on none of ${looks.size} nodes`;
  const say = (names: readonly WantedName[], rest = ''): Trouble => {
    const own = misses.filter(({ wanted }) => names.includes(wanted));
    return {
      code: dnsCode(own[0]?.why),
      nodes: [],
      message: `Pods do not resolve ${named(names)}, ${where}: ${whys(own)}${rest}`,
    };
  };
  const others = wanted.filter((name) => !nowhere.includes(name) && !name.isExternal);
  const cause =
    ofCluster.length > 0 ? '' : '; names of the cluster are resolved: look at the servers that its DNS asks for others';
  return [
    ...(ofCluster.length > 0 ? [say(ofCluster, others.length > 0 ? `; ${named(others)} are resolved` : '')] : []),
    ...(external && (ofCluster.length === 0 || others.length > 0) ? [say([external], cause)] : []),
  ];
}

function ofNode({ looks, misses, wanted }: NamesSeen, node: string, own: readonly Miss[]): Trouble {
  const missing = own.map(({ wanted }) => wanted);
  const isAll = missing.length === wanted.length;
  const fine = [...looks.keys()].filter((other) => !misses.some((miss) => miss.node === other));
  const rest = fine.length > 0 ? `, and those on ${listed(fine)} do` : '';
  return {
    code: 'mesh.dns_unreachable',
    nodes: [node],
    message: `Pods on ${node} do not resolve ${isAll ? 'any name' : named(missing)} (${whys(own)})${rest}`,
  };
}

function named(names: readonly WantedName[]): string {
  return names.map(({ words, name }) => `${words} ${name}`).join(', ');
}

function whys(misses: readonly Miss[]): string {
  return [...new Set(misses.map(({ why, detail }) => detail ?? why))].slice(0, 3).join('; ');
}
