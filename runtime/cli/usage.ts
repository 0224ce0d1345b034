import { parseArgs } from 'node:util';

/** The command line was not understood; the message says what to type instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `kube-e2etests proves that a Kubernetes cluster still does its job.

  kube-e2etests run <suite>…   run suites once, one after another; exits 0 passed or unsupported, 1 failed, 2 errored
                               'http*' is every suite whose name begins so; '!dns' leaves one out
      --all                    those of SUITES, else every suite that is on by default
      --json                   an array of results on stdout, and nothing else there
      --json=stream            each result as a line of its own, as soon as it is there
      --junit FILE             the results as JUnit XML as well
      --fail-fast              stop after the first suite that fails or is errored
      --timeout TIME           stop after 90s, 10m or 1h, clean up, and exit with 2
      --kubeconfig PATHS       the cluster to test: a file, or a list of files (KUBECONFIG)
      --context NAME           a context of the kubeconfig, instead of its current one (KUBE_CONTEXT)
      --namespace NS           work in this one namespace instead of <TEST_NAMESPACE>-<suite>
      --replicas N             pods of the test deployment (TEST_REPLICAS)
      --sandbox                test the embedded cluster (CLUSTER=sandbox)
  kube-e2etests serve          serve and schedule the suites over HTTP, until it is stopped
  kube-e2etests list [--json]  the suites there are
  kube-e2etests doctor [suite]…
                               what is missing for which suite: namespaces, rights, what a cluster must offer; writes nothing
                               exits 0 nothing is missing, 2 something is
      --json                   as an array
      --kubeconfig, --context, --namespace, --sandbox  as for run
  kube-e2etests manifests      what a cluster needs to run the suites, as YAML for kubectl apply -f -
      --suites A,B             these, with the rights for exactly these (SUITES)
      --knative                a Knative Service and a PingSource for each, in the place of one process
      --namespace NS           of the process; each suite works in NS-<suite>
      --image IMAGE            of this tool
      --replicas N             pods of the test deployment (TEST_REPLICAS)
  kube-e2etests sandbox        an embedded cluster on its own; prints its KUBECONFIG
      fault <name> on|off      switch one of its faults
  kube-e2etests completion bash|zsh|fish
                               what a shell asks for to complete this: source <(kube-e2etests completion bash)
  kube-e2etests agent          what node_mesh and pod_dns run on every node; nobody else starts it
  kube-e2etests --help | --version

Settings come from the environment. CLUSTER=auto takes the cluster of the pod it is in, else KUBECONFIG; where neither is there serve takes
the sandbox, and run wants to be told.
`;

export type Command =
  | { readonly name: 'help' | 'version' | 'serve' | 'agent' }
  | { readonly name: 'list'; readonly json: boolean }
  | { readonly name: 'sandbox'; readonly argv: readonly string[] }
  | { readonly name: 'completion'; readonly shell: Shell }
  | DoctorCommand
  | ManifestsCommand
  | RunCommand;

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export interface ManifestsCommand {
  readonly name: 'manifests';
  /** As SUITES has them; undefined: those of SUITES. */
  readonly suites?: string;
  readonly isKnative: boolean;
  readonly namespace?: string;
  readonly image?: string;
  readonly replicas?: string;
}

/** Empty `suites`: those of SUITES. */
export interface DoctorCommand extends Pick<RunCommand, 'suites' | 'kubeconfig' | 'context' | 'namespace' | 'sandbox'> {
  readonly name: 'doctor';
  readonly json: boolean;
}

export interface RunCommand {
  readonly name: 'run';
  /** Empty: those of SUITES. */
  readonly suites: readonly string[];
  readonly json?: JsonForm;
  /** Path of a JUnit file. */
  readonly junit?: string;
  readonly failFast: boolean;
  /** Milliseconds for all runs together. */
  readonly timeoutMs?: number;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly replicas?: string;
  readonly namespace?: string;
  readonly sandbox: boolean;
}

/** One array at the end, or a line for each result. */
export type JsonForm = 'document' | 'stream';

export const options = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  all: { type: 'boolean' },
  json: { type: 'string' },
  junit: { type: 'string' },
  'fail-fast': { type: 'boolean' },
  timeout: { type: 'string' },
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  replicas: { type: 'string' },
  namespace: { type: 'string', short: 'n' },
  sandbox: { type: 'boolean' },
  suites: { type: 'string' },
  knative: { type: 'boolean' },
  image: { type: 'string' },
} as const;

/** Command → its options. */
export const allowed: Readonly<Record<string, readonly (keyof typeof options)[]>> = {
  run: ['all', 'json', 'junit', 'fail-fast', 'timeout', 'kubeconfig', 'context', 'replicas', 'namespace', 'sandbox'],
  doctor: ['json', 'kubeconfig', 'context', 'namespace', 'sandbox'],
  list: ['json'],
  manifests: ['suites', 'knative', 'namespace', 'image', 'replicas'],
  serve: [],
  completion: [],
  agent: [],
};

/** Throws a UsageError. */
export function parseCommand(argv: readonly string[]): Command {
  // The sandbox reads its own line.
  if (argv[0] === 'sandbox') return { name: 'sandbox', argv: argv.slice(1) };
  const { values, positionals } = parse(argv);
  const [name, ...named] = positionals;
  const names = named.filter((one) => one.replaceAll(',', '').trim() !== '');
  if (values.help || name === 'help') return { name: 'help' };
  if (values.version) return { name: 'version' };
  if (name === undefined) throw new UsageError('Which command? Type kube-e2etests --help');
  const fitting = allowed[name];
  if (!fitting)
    throw new UsageError(
      `No command ${name}. There are run, serve, list, doctor, manifests and sandbox; type kube-e2etests --help`,
    );
  const stray = Object.keys(values).find((option) => !fitting.some((one) => one === option));
  if (stray) throw new UsageError(`--${stray} does nothing for ${name}: leave it out`);
  const { replicas, namespace } = values;
  if (name === 'run') return runCommand(names, values);
  if (values.json === 'stream') throw new UsageError(`--json=stream is for run: type ${name} --json`);
  const json = jsonForm(values.json) !== undefined;
  if (name === 'doctor') return { name, suites: [...new Set(names)], json, ...clusterChosen(values) };
  if (name === 'manifests' && names.length > 0)
    throw new UsageError(`manifests takes its suites with commas between them: --suites ${names.join(',')}`);
  if (name === 'completion') return { name, shell: shellOf(names) };
  if (names.length > 0) throw new UsageError(`${name} takes no names: leave out ${names.join(' ')}`);
  if (name === 'manifests') {
    const { suites, knative = false, image } = values;
    if (suites !== undefined && suites.replaceAll(',', '').trim() === '')
      throw new UsageError('--suites names none: kube-e2etests list names them');
    return { name, suites, isKnative: knative, namespace, image, replicas };
  }
  if (name === 'agent') return { name };
  return name === 'list' ? { name, json } : { name: 'serve' };
}

function shellOf([given, ...others]: readonly string[]): Shell {
  const shell = shells.find((one) => one === given);
  if (shell && others.length === 0) return shell;
  throw new UsageError(`completion is for one of ${shells.join(', ')}: type kube-e2etests completion bash`);
}

type Values = ReturnType<typeof parse>['values'];

function runCommand(names: readonly string[], values: Values): RunCommand {
  const { all = false, junit, timeout, replicas } = values;
  const wanted = names.filter((one) => !one.startsWith('!'));
  if (all && wanted.length > 0)
    throw new UsageError(`--all runs all of them: leave out either --all or ${wanted.join(' ')}`);
  if (!all && names.length === 0)
    throw new UsageError('Which suites? Name them, or type --all; kube-e2etests list names them');
  if (junit?.trim() === '') throw new UsageError('--junit is empty: give it a value, or leave it out');
  return {
    name: 'run',
    suites: [...new Set(names)],
    json: jsonForm(values.json),
    junit,
    failFast: values['fail-fast'] ?? false,
    timeoutMs: timeout === undefined ? undefined : timeoutMs(timeout),
    replicas,
    ...clusterChosen(values),
  };
}

function clusterChosen({ kubeconfig, context, namespace, sandbox = false }: Values) {
  const empty = Object.entries({ kubeconfig, context }).find(([, value]) => value?.trim() === '');
  if (empty) throw new UsageError(`--${empty[0]} is empty: give it a value, or leave it out`);
  const other = kubeconfig !== undefined ? '--kubeconfig' : context !== undefined ? '--context' : undefined;
  if (sandbox && other) throw new UsageError(`--sandbox tests the embedded cluster: leave out either it or ${other}`);
  return { kubeconfig, context, namespace, sandbox };
}

function jsonForm(given: string | undefined): JsonForm | undefined {
  if (given === undefined || given === 'document' || given === 'stream') return given;
  throw new UsageError(
    `--json=${given} is no form of JSON: type --json for one array, --json=stream for a line for each result`,
  );
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000 } as const;
const longestTimeoutMs = 24 * unitMs.h;

function timeoutMs(given: string): number {
  const [, number = '', unit = 's'] = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(given.trim()) ?? [];
  const ms = Math.round(Number(number) * unitMs[unit as keyof typeof unitMs]);
  if (ms > 0 && ms <= longestTimeoutMs) return ms;
  throw new UsageError(
    `--timeout is ${JSON.stringify(given)}: expected a time of up to 24 hours, such as 90s, 10m or 1h`,
  );
}

function parse(argv: readonly string[]) {
  try {
    // By itself it is the document.
    const args = argv.map((word) => (word === '--json' ? '--json=document' : word));
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(/\. |\n/)[0] : String(error);
    throw new UsageError(`${reason}. Type kube-e2etests --help`);
  }
}
