/** Whether what a file exports is a suite. */
import { areas } from '../areas.ts';
import type { Requirement, Suite } from '../model/suite.ts';
import type { Use } from '../model/use.ts';

/** What is wrong with a definition, each with what to write. */
export function definitionProblems(definition: Partial<Record<keyof Suite | 'needs', unknown>>): string[] {
  const { description, area, byDefault, steps, uses, needs, requires, timeout, run } = definition;
  const problems: string[] = [];
  if (typeof description !== 'string' || description.trim() === '')
    problems.push('give it a description: one line of text');
  if (area !== undefined && !areas.some((one) => one === area))
    problems.push(`area is ${JSON.stringify(area)}: write one of ${areas.join(', ')}`);
  if (byDefault !== undefined && typeof byDefault !== 'boolean')
    problems.push(`byDefault is ${JSON.stringify(byDefault)}: write false where it runs only when it is named`);
  problems.push(...checkSteps(steps));
  if (typeof run !== 'function') problems.push('give it a function: async run(t) { … }');
  problems.push(...checkUses(uses, needs));
  const isOne = (one: Partial<Requirement> | null) => typeof one?.name === 'string' && typeof one.unmet === 'function';
  if (requires !== undefined && !(Array.isArray(requires) && requires.every(isOne)))
    problems.push('requires holds what is no requirement: write { name, async unmet(cluster) { … } }');
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0))
    problems.push(`timeout is ${String(timeout)}; write seconds, more than 0`);
  return problems;
}

function checkUses(uses: unknown, needs: unknown): string[] {
  const how =
    'write uses: [makes(configMap), keeps(deployment)], or uses: [] where it touches no object of the cluster';
  if (uses === undefined)
    return [needs === undefined ? `say which kinds it makes and keeps: ${how}` : `needs is uses now: ${how}`];
  if (!Array.isArray(uses)) return [`uses is ${typeof uses}: ${how}`];
  return uses.flatMap((use) => useProblem(use) ?? []).map((why) => `uses: ${why}`);
}

/** Undefined: it can be used. */
function useProblem(use: Partial<Use> | undefined): string | undefined {
  const { kind, how, besides } = use ?? {};
  if (!kind || (how !== 'makes' && how !== 'keeps' && how !== 'asks') || !Array.isArray(besides))
    return 'each is makes(…), keeps(…) or asks(…) of a kind';
  const { apiVersion, plural, grants } = kind;
  if (!kind.kind || !apiVersion || !plural || !(grants?.makes ?? grants?.keeps ?? grants?.asks))
    return `kind ${kind.kind ?? '(none)'} lacks apiVersion, kind, plural or grants: kindOf({ apiVersion, kind, plural }) gives it all`;
  if (how === 'keeps' && !grants.keeps) return `a ${kind.kind} cannot be kept, only made`;
  if (!grants[how])
    return `a ${kind.kind} cannot be ${how === 'makes' ? 'made, only asked about' : 'asked about: makes(…) or keeps(…) does'}`;
  const unknown = besides.find((word) => !grants.besides?.[word]);
  if (unknown === undefined) return undefined;
  const known = Object.keys(grants.besides ?? {});
  return `there is no '${unknown}' for a ${kind.kind}${known.length > 0 ? `; perhaps ${known.join(', ')}` : ''}`;
}

function checkSteps(steps: unknown): string[] {
  if (!Array.isArray(steps) || steps.length === 0 || !steps.every((step) => typeof step === 'string' && step !== ''))
    return ['list its steps by name; it has none that can be used'];
  const repeated = new Set(steps.filter((name, index) => steps.indexOf(name) !== index));
  return [...repeated].map((step) => `two steps are called ${JSON.stringify(step)}; rename one`);
}
