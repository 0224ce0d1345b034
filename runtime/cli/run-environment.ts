/** What was typed, as settings: commands that look at one cluster have it in common. */
import { defaultNamespace, type Environment, environment } from '../config/config.ts';
import type { Prepared } from '../process/prepared.ts';
import { raiseAsTyped } from './as-typed.ts';
import { type Picked, picked } from './patterns.ts';
import { type RunCommand, UsageError } from './usage.ts';

type Typed = Pick<RunCommand, 'suites' | 'kubeconfig' | 'context' | 'namespace' | 'sandbox'> &
  Partial<Pick<RunCommand, 'replicas'>>;

export interface PreparedAsTyped extends Prepared {
  /** One was typed: it is taken as it is, also for several suites. */
  readonly oneNamespace: boolean;
}

/** The chosen suites and their cluster. Throws a UsageError, ConfigError or SuitesError that speaks of what was typed. */
export async function prepareAsTyped(command: Typed): Promise<PreparedAsTyped> {
  const choice = picked(command.suites);
  await checkPatterns(command.suites, choice);
  const { prepare } = await import('../process/main.ts');
  const oneNamespace = command.namespace !== undefined;
  const rules = { sandbox: 'when asked', oneNamespace } as const;
  const prepared = await prepare(environmentOf(command, choice), rules).catch((error) =>
    raiseAsTyped(error, flagsOf(command)),
  );
  const suites = prepared.suites.filter(({ name }) => choice.isWanted(name));
  if (suites.length > 0) return { ...prepared, suites, oneNamespace };
  await prepared.sandbox?.close();
  throw new UsageError(`${command.suites.join(' ')} leaves no suite; kube-e2etests list names them`);
}

/** A word with a star, or with ! before it, that fits no suite at all is mistyped. */
async function checkPatterns(words: readonly string[], { unmatched }: Picked): Promise<void> {
  if (!words.some((word) => /[*!]/.test(word))) return;
  const { findSuites } = await import('../run/registry.ts');
  const known = [...findSuites(environment().FUNCTIONS_DIR?.trim() || undefined).keys()];
  const bad = unmatched(known);
  if (bad.length > 0) throw new UsageError(`${bad.join(', ')}: no suite fits; there are ${known.join(', ')}`);
}

function environmentOf({ kubeconfig, context, replicas, namespace, sandbox }: Typed, choice: Picked): Environment {
  return {
    ...environment(),
    ...(sandbox && { CLUSTER: 'sandbox' }),
    ...(kubeconfig !== undefined && { CLUSTER: 'kubeconfig', KUBECONFIG: kubeconfig }),
    ...(context !== undefined && { KUBE_CONTEXT: context }),
    ...(choice.suites !== undefined && { SUITES: choice.suites }),
    ...(replicas !== undefined && { TEST_REPLICAS: replicas }),
    TEST_NAMESPACE: namespace ?? ofEachSuite(environment().TEST_NAMESPACE),
  };
}

/** A suite works in the same namespace whether it is run alone or with others, and as in a process that serves them all. */
function ofEachSuite(testNamespace = ''): string {
  const name = testNamespace.trim() || defaultNamespace;
  return name.includes('{suite}') ? name : `${name}-{suite}`;
}

/** Setting → flag, where it was typed. */
function flagsOf({ suites, kubeconfig, context, replicas, namespace }: Typed) {
  return {
    SUITES: suites.length > 0 && '<suite>',
    KUBECONFIG: kubeconfig !== undefined && '--kubeconfig',
    KUBE_CONTEXT: context !== undefined && '--context',
    TEST_REPLICAS: replicas !== undefined && '--replicas',
    TEST_NAMESPACE: namespace !== undefined && '--namespace',
  } as const;
}
