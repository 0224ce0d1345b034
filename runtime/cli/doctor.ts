/** `kube-e2etests doctor`: what is missing for which suite, before any of them runs. It writes nothing to the cluster. */
import { namespaceOf } from '../config/config.ts';
import type { Config } from '../config/shape.ts';
import { allGrants } from '../kube/session/grants.ts';
import { objectName } from '../kube/session/object-name.ts';
import type { MissingRight, Preflight } from '../kube/session/preflight.ts';
import { ownName } from '../manifests/manifest.ts';
import type { Suite } from '../model/suite.ts';
import { needsApi, needsNamespace } from '../uses.ts';
import { renderCluster } from '../words/cluster-words.ts';
import { prepareAsTyped } from './run-environment.ts';
import type { DoctorCommand } from './usage.ts';

export interface Checkup {
  readonly suite: string;
  readonly namespace?: string;
  /** ready, what it takes is missing, or the cluster does not offer what it is about. */
  readonly state: 'ready' | 'missing' | 'unsupported';
  /** What is missing, or not supported, each a sentence without a full stop. */
  readonly reasons: readonly string[];
}

const firstContactMs = 3_500;

/** Returns the exit code: 0 nothing is missing, 2 something is. Throws a UsageError, ConfigError, SuitesError or Defect. */
export async function doctor(command: DoctorCommand): Promise<number> {
  const [prepared, { openRunner }] = await Promise.all([prepareAsTyped(command), import('../process/connect.ts')]);
  const { config, suites, sandbox, oneNamespace } = prepared;
  for (const warning of config.warnings) process.stderr.write(`kube-e2etests: ${warning}\n`);
  const open = openRunner({ config: { ...config, firstContactMs }, suites, record: () => {}, oneNamespace });
  try {
    const { preflight, home } = await open.connected();
    await open.identified();
    const patient = { config, preflight, home, served: oneNamespace ? 1 : suites.length };
    const found = await Promise.all(suites.map((suite) => checkup(suite, patient)));
    process.stdout.write(
      command.json ? `${JSON.stringify(found, null, 2)}\n` : textOf(renderCluster(open.cluster()), found, config),
    );
    return found.some(({ state }) => state === 'missing') ? 2 : 0;
  } finally {
    await open.close();
    await sandbox?.close();
  }
}

interface Patient {
  readonly config: Config;
  readonly preflight: Preflight;
  /** Holds the lock of suites without a namespace. */
  readonly home: string;
  readonly served: number;
}

async function checkup(suite: Suite, { config, preflight, home, served }: Patient): Promise<Checkup> {
  const { name, uses, requires = [], defect } = suite;
  if (defect) return { suite: name, state: 'missing', reasons: [defect] };
  const within = needsNamespace(uses);
  const namespace = within ? namespaceOf(config, name, served) : undefined;
  if (!needsApi(uses) && requires.length === 0) return { suite: name, state: 'ready', reasons: [] };
  // A suite without a namespace has its lock, which is named after what it would be, where the process is at home.
  const own = namespaceOf(config, name, served);
  const place = namespace ?? home;
  const nameOf = (resource: string) => ({ leases: objectName(ownName, own), namespaces: own })[resource];
  const missing: string[] = [];
  if (namespace !== undefined && (await preflight.hasNamespace(namespace)) === false) {
    if (!config.createNamespaces) missing.push(`namespace ${namespace} does not exist`);
    else if (!(await mayMakeNamespaces(preflight)))
      missing.push(`namespace ${namespace} does not exist, and may not be made`);
  }
  const rights = await preflight.missingRights(place, allGrants(uses, requires), nameOf);
  missing.push(...wordsOf(rights).map((right) => `may not ${right}`));
  if (missing.length > 0) return { suite: name, namespace, state: 'missing', reasons: missing };
  for (const requirement of requires) {
    const reason = await requirement.unmet(preflight.inquiry);
    if (reason !== undefined)
      return { suite: name, namespace, state: 'unsupported', reasons: [`${requirement.name}: ${reason}`] };
  }
  return { suite: name, namespace, state: 'ready', reasons: [] };
}

async function mayMakeNamespaces(preflight: Preflight): Promise<boolean> {
  const grant = { group: '', resource: 'namespaces', verbs: ['create'], scope: 'cluster' } as const;
  return (await preflight.missingRights('', [grant], () => undefined)).length === 0;
}

/** `create, delete pods`: verbs of one resource together. */
function wordsOf(rights: readonly MissingRight[]): readonly string[] {
  const groups = Map.groupBy(rights, ({ group, resource, name }) => {
    const full = group ? `${resource.replace(/(\/|$)/, `.${group}$1`)}` : resource;
    return name ? `${full} ${name}` : full;
  });
  return [...groups].map(([what, of]) => `${of.map(({ verb }) => verb).join(', ')} ${what}`);
}

function textOf(cluster: string, found: readonly Checkup[], config: Config): string {
  const width = Math.max(0, ...found.map(({ suite }) => suite.length));
  const lines = found.flatMap(({ suite, state, reasons }) => {
    const first = state === 'ready' ? 'ready' : `${state}: ${reasons[0]}`;
    return [`${suite.padEnd(width)}  ${first}`, ...reasons.slice(1).map((reason) => `${' '.repeat(width)}  ${reason}`)];
  });
  const lacking = found.filter(({ state }) => state === 'missing').map(({ suite }) => suite);
  const ready = found.filter(({ state }) => state === 'ready').length;
  const remedy =
    lacking.length === 0
      ? []
      : [
          '',
          'For a process in the cluster this makes the namespaces and gives the rights:',
          `  kube-e2etests manifests --suites ${lacking.join(',')} | kubectl apply -f -`,
          ...(config.createNamespaces
            ? []
            : ['With CREATE_NAMESPACES=true a process that may make namespaces makes them itself.']),
        ];
  return [
    `Looking at ${cluster}; nothing is written to it`,
    ...lines,
    `${found.length} suites: ${ready} ready${lacking.length > 0 ? `, ${lacking.length} with something missing` : ''}`,
    ...remedy,
    '',
  ].join('\n');
}
