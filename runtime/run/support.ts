/** Whether the cluster offers what a suite is about, and what it comes to where it does not. */
import { Defect } from '../defects.ts';
import type { RunEvent } from '../model/event.ts';
import type { Judgement, RunResult, StepResult, Unmet } from '../model/result.ts';
import type { Inquiry, Requirement } from '../model/suite.ts';

export const checkingRequirements = 'Check requirements';

/** What is supported once is counted on for so long. */
const countedOnMs = 24 * 3_600_000;

/** What one run finds of its suite's. */
export class Requirements {
  readonly #requires: readonly Requirement[];
  readonly #expected: string | undefined;
  unmet: Unmet | undefined;

  /** `expected`: why an unmet one is a fault; undefined: it is none. */
  constructor(requires: readonly Requirement[] = [], expected?: string) {
    this.#requires = requires;
    this.#expected = expected;
  }

  /** Asks, as a step that `attempt` takes; false: the suite must not begin. */
  async areMet(
    inquiry: () => Inquiry | undefined,
    attempt: (check: () => Promise<void>) => Promise<{ readonly passed: boolean }>,
  ): Promise<boolean> {
    const cluster = this.#requires.length > 0 ? inquiry() : undefined;
    if (!cluster) return true;
    const { passed } = await attempt(async () => {
      this.unmet = await firstUnmet(this.#requires, cluster, this.#expected);
    });
    return passed && !this.unmet;
  }

  verdict(judged: Judgement): Pick<RunResult, 'status' | 'unmet'> {
    return this.unmet ? { status: 'unsupported', unmet: this.unmet } : { status: judged };
  }

  /** The steps as an unsupported run shows them: nothing was judged. */
  shown(steps: readonly StepResult[]): readonly StepResult[] {
    const { unmet } = this;
    return unmet ? steps.map((step) => asUnmet(step, unmet)) : steps;
  }
}

/** The first that is not met. Raises k8s.prerequisite_missing instead where somebody counts on it: `expected` says why. */
async function firstUnmet(
  requires: readonly Requirement[],
  cluster: Inquiry,
  expected: string | undefined,
): Promise<Unmet | undefined> {
  for (const { name, unmet } of requires) {
    const reason = await unmet(cluster);
    if (reason === undefined) continue;
    if (expected) throw new Defect('k8s.prerequisite_missing', `${name}: ${reason}; ${expected}`);
    return { requirement: name, reason };
  }
  return undefined;
}

function asUnmet(step: StepResult, { requirement, reason }: Unmet): StepResult {
  if (step.name !== checkingRequirements) return step;
  return { ...step, status: 'skipped', startedAt: '', durationMs: 0, notes: [`${requirement}: ${reason}`] };
}

export interface Support {
  /** Why an unmet requirement of the suite is a fault; undefined: it is none. */
  expected(suite: string): string | undefined;
  /** Notes which suites are supported. */
  learn(event: RunEvent): void;
}

/** `named`: those that people asked for by name. `now`: milliseconds of a monotonic clock. */
export function createSupport(named: readonly string[] = [], now = () => performance.now()): Support {
  const supported = new Map<string, number>();
  return {
    expected(suite) {
      if (named.includes(suite)) return 'the suite was asked for by name (SUITES, or on the command line)';
      const at = supported.get(suite);
      if (at === undefined || now() - at > countedOnMs) return undefined;
      return `it was there ${Math.round((now() - at) / 60_000)} minutes ago`;
    },
    learn(event) {
      if (event.type !== 'run-judged') return;
      const { suite, steps } = event.result;
      const isMet = steps.some(({ name, status }) => name === checkingRequirements && status === 'passed');
      if (isMet) supported.set(suite, now());
    },
  };
}
