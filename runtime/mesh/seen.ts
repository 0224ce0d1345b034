/** What the agents of one run have reported, over all of its rounds. */
import { type AgentReport, type Look, type PeerLook, smallAsks } from '../../agent/contract.ts';
import type { Member } from '../model/mesh.ts';

/** One way from node to node over the rounds. */
export interface Way {
  readonly from: string;
  readonly to: string;
  /** What has been answered once is not cut: the best of its looks, the newest of equal ones. */
  readonly best: PeerLook;
  readonly asked: number;
  readonly slow: number;
  /** Rounds in which something was slow. */
  readonly slowRounds: number;
}

export interface Silence {
  readonly why: string;
}

/** An agent that stood still for so long cannot tell a slow way from its own pause. */
const busyMs = 200;

export class Seen {
  readonly members: readonly Member[];
  readonly #reports = new Map<string, AgentReport>();
  readonly #silent = new Map<string, string>();
  readonly #ways = new Map<string, Way>();
  readonly #busy = new Set<string>();

  constructor(members: readonly Member[]) {
    this.members = members;
  }

  report(node: string, report: AgentReport): void {
    const before = this.#reports.get(node);
    this.#silent.delete(node);
    if (report.lagMs >= busyMs) this.#busy.add(node);
    this.#reports.set(node, {
      ...report,
      service: better(before?.service, report.service),
      dns: better(before?.dns, report.dns),
    });
    for (const look of report.peers) {
      const key = `${node} ${look.node}`;
      const way = this.#ways.get(key);
      this.#ways.set(key, {
        from: node,
        to: look.node,
        best: bestOf(way?.best, look),
        asked: (way?.asked ?? 0) + smallAsks,
        slow: (way?.slow ?? 0) + look.slow,
        slowRounds: (way?.slowRounds ?? 0) + (look.slow > 0 ? 1 : 0),
      });
    }
  }

  /** One that has answered once can be asked. */
  silence(node: string, { why }: Silence): void {
    if (!this.#reports.has(node)) this.#silent.set(node, why);
  }

  /** In the order of the members: what is found does not depend on who answered first. Of an agent that stood still none is slow. */
  get ways(): readonly Way[] {
    const place = new Map(this.members.map(({ node }, index) => [node, index]));
    const at = (node: string) => place.get(node) ?? 0;
    const isBusy = ({ from, to }: Way) => this.#busy.has(from) || this.#busy.has(to);
    const ways = [...this.#ways.values()].map((way) => (isBusy(way) ? unhurried(way) : way));
    return ways.sort((a, b) => at(a.from) - at(b.from) || at(a.to) - at(b.to));
  }

  get reports(): readonly AgentReport[] {
    return [...this.#reports.values()];
  }

  /** Node → why its agent did not answer this process. */
  get silent(): ReadonlyMap<string, string> {
    return this.#silent;
  }

  /** Those whose own reports, or whose silence, leave something to ask again. */
  get troubled(): readonly Member[] {
    const troubled = new Set(this.ways.filter(isTroubled).map(({ from }) => from));
    return this.members.filter(({ node }) => {
      const report = this.#reports.get(node);
      return !report || isWrong(report.service) || isWrong(report.dns) || troubled.has(node);
    });
  }
}

/** Without what may have waited for one of its ends: where first packets were late, a large answer was as well. */
function unhurried(way: Way): Way {
  const { large: _, ...best } = way.best;
  return { ...way, slow: 0, slowRounds: 0, best: way.slow > 0 ? best : way.best };
}

export function isWrong({ why }: Look): boolean {
  return why !== undefined;
}

function isTroubled({ best: { answered, large }, slow }: Way): boolean {
  return answered === 0 || slow > 0 || (large !== undefined && isWrong(large));
}

function better(before: Look | undefined, now: Look): Look {
  return before && !isWrong(before) && isWrong(now) ? before : now;
}

function bestOf(before: PeerLook | undefined, now: PeerLook): PeerLook {
  if (!before || before.answered === 0) return now;
  if (now.answered === 0) return before;
  return { ...now, large: before.large && now.large ? better(before.large, now.large) : (now.large ?? before.large) };
}
