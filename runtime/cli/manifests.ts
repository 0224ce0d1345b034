/** `kube-e2etests manifests`: prints what a cluster needs for chosen suites, with the least rights for exactly those. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, environment, readConfig } from '../config/config.ts';
import { longestGapMs } from '../config/longest-gap.ts';
import { testSettings } from '../config/settings-tests.ts';
import type { Config } from '../config/shape.ts';
import { completeManifests } from '../manifests/complete.ts';
import { defaultHome, ownName, testNamespace } from '../manifests/manifest.ts';
import { render } from '../manifests/render.ts';
import { longestRequestSeconds, requestSeconds } from '../manifests/suite-knative.ts';
import type { Suite } from '../model/suite.ts';
import { findSuites, loadSuites, SuitesError } from '../run/registry.ts';
import { version } from '../words/version.ts';
import { raiseAsTyped } from './as-typed.ts';
import { type ManifestsCommand, UsageError } from './usage.ts';

/** Of what the tests are: where they are is for the manifests to say. */
const ofManifests: readonly string[] = ['TEST_NAMESPACE', 'CREATE_NAMESPACES'];

/** Settings of the environment that go along: what the tests are, and when. Where the process runs is for the manifests to say. */
const carried: readonly string[] = [
  ...Object.keys(testSettings).filter((key) => !ofManifests.includes(key)),
  'EVENT_TIMEOUT_SECONDS',
  'SUITES',
  'REQUIREMENTS',
  'TZ',
  'MAINTENANCE',
  'CLUSTER_NAME',
  'CLUSTER_DOMAIN',
  'DNS_EXTERNAL_NAME',
  'DNS_QUERY_NAME',
  'LOG_LEVEL',
];

/** What etcd takes of one object. */
const mostBytes = 1_000_000;

/** The YAML of the command, whole. Throws UsageError, ConfigError or SuitesError. */
export async function manifestsText(command: ManifestsCommand): Promise<string> {
  const { namespace: home = defaultHome, image, isKnative } = command;
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(home))
    throw new UsageError(`--namespace is ${JSON.stringify(home)}: write small letters, digits and dashes, such as e2e`);
  if (image !== undefined && !/^[a-z0-9][\w.:/@-]*$/.test(image))
    throw new UsageError(
      `--image is ${JSON.stringify(image)}: write an image with its tag, such as registry.example.com/${ownName}:${version}`,
    );
  const env = environmentOf(command, home);
  const config = read(env, command);
  const { functionsDir, replicas, dnsQueryName } = config;
  const settings = { replicas, dnsQueryName };
  const suites = await loadSuites({ names: config.suites, group: config.suiteGroup, functionsDir, settings });
  const broken = suites.flatMap(({ defect }) => defect ?? []);
  if (broken.length > 0) throw new SuitesError(broken);
  const kept = { ...carriedOf(env, config, isKnative), ...(isKnative && patienceOf(config, suites)) };
  const runSeconds = ({ timeout }: Suite) => timeout ?? (4 * config.eventTimeoutMs) / 1000;
  if (isKnative) checkRequests(suites, runSeconds);
  const sources = suites.some(({ file }) => file) && functionsDir ? sourcesOf(functionsDir) : {};
  const scheduleOf = (suite: string) => tickOf(config, suite);
  const all = completeManifests({
    suites,
    named: config.suites,
    home,
    isKnative,
    image,
    replicas,
    runSeconds,
    settings: kept,
    scheduleOf,
    sources,
  });
  return `${head(
    suites.map(({ name }) => name),
    home,
    isKnative,
  )}${render(all)}`;
}

function environmentOf({ suites, replicas }: ManifestsCommand, home: string): Environment {
  return {
    ...environment(),
    // Which cluster does not matter here.
    CLUSTER: 'sandbox',
    TEST_NAMESPACE: testNamespace(home),
    ...(suites !== undefined && { SUITES: suites }),
    ...(replicas !== undefined && { TEST_REPLICAS: replicas }),
  };
}

function read(env: Environment, { suites, replicas }: ManifestsCommand): Config {
  try {
    return readConfig(env, undefined, (functionsDir) => [...findSuites(functionsDir).keys()]);
  } catch (error) {
    return raiseAsTyped(error, {
      SUITES: suites !== undefined && '--suites',
      TEST_REPLICAS: replicas !== undefined && '--replicas',
      TEST_NAMESPACE: '--namespace',
    });
  }
}

/** A process on Knative has no schedule of its own: its ticks have it. */
function carriedOf(env: Environment, config: Config, isKnative: boolean): Readonly<Record<string, string>> {
  const schedules = isKnative
    ? []
    : [...(config.schedule ? ['SCHEDULE'] : []), ...Object.keys(config.schedules).map(ofSuite)];
  const limits = Object.keys(config.slowAfterMs).map((suite) => `SLOW_${suite.toUpperCase()}`);
  const keys = [...carried.filter((key) => !(isKnative && key === 'SECONDS_BETWEEN_RUNS')), ...schedules, ...limits];
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = env[key]?.trim();
      return value ? [[key, value]] : [];
    }),
  );
}

/** A page does not know when other processes run. Where the ticks come seldom it is told how old a result may be. */
function patienceOf(config: Config, suites: readonly Suite[]): Readonly<Record<string, string>> {
  const crons = suites.flatMap(({ name }) => config.schedules[name] ?? config.schedule ?? []);
  const longestMs = Math.max(0, ...crons.map((cron) => 2 * longestGapMs(cron)));
  if (longestMs <= config.timeToReportProblemMs) return {};
  return { TIME_TO_REPORT_PROBLEM: String(Math.ceil(longestMs / 60_000)) };
}

function checkRequests(suites: readonly Suite[], runSeconds: (suite: Suite) => number): void {
  const long = suites.find((suite) => requestSeconds(runSeconds(suite)) > longestRequestSeconds);
  if (!long) return;
  const seconds = Math.ceil(runSeconds(long));
  const which = long.timeout === undefined ? 'make EVENT_TIMEOUT_SECONDS less than 135' : 'make its timeout shorter';
  throw new UsageError(
    `A run of ${long.name} may take ${seconds} s, and Knative ends a request after ${longestRequestSeconds} s: ${which}, or leave out --knative`,
  );
}

function tickOf({ schedule, schedules, timeZone }: Config, suite: string) {
  const cron = schedules[suite] ?? schedule;
  if (cron === undefined) return undefined;
  if (cron.trim().split(/\s+/).length !== 5 && !cron.startsWith('@')) {
    const key = schedules[suite] ? ofSuite(suite) : 'SCHEDULE';
    throw new UsageError(`${key} is ${JSON.stringify(cron)}: a PingSource takes five fields, without seconds`);
  }
  return { schedule: cron, ...(timeZone && { timeZone }) };
}

function ofSuite(suite: string): string {
  return `SCHEDULE_${suite.toUpperCase()}`;
}

/** What a process needs to load the suites of one's own: all files of the folder, since suites may share some. */
function sourcesOf(functionsDir: string): Readonly<Record<string, string>> {
  const files = readdirSync(functionsDir)
    .filter((name) => /\.(ts|js|mjs|json)$/.test(name) && !/\.(d|test)\.\w+$/.test(name))
    .sort();
  const odd = files.find((name) => !/^[-._a-zA-Z0-9]+$/.test(name));
  if (odd)
    throw new UsageError(
      `FUNCTIONS_DIR holds ${JSON.stringify(odd)}: a ConfigMap takes letters, digits, - . and _ in names`,
    );
  const sources = Object.fromEntries(files.map((name) => [name, readFileSync(join(functionsDir, name), 'utf8')]));
  const bytes = Object.values(sources).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > mostBytes)
    throw new UsageError(
      `FUNCTIONS_DIR holds ${bytes} bytes, and a ConfigMap takes ${mostBytes}: put the suites into an image of your own, without FUNCTIONS_DIR here`,
    );
  if (existsSync(join(functionsDir, 'node_modules')))
    process.stderr.write(
      `kube-e2etests: node_modules of FUNCTIONS_DIR does not go along; suites there can import ${ownName} only\n`,
    );
  return sources;
}

function head(names: readonly string[], home: string, isKnative: boolean): string {
  const token = `kubectl -n ${home} create secret generic ${ownName}-token --from-literal=token="$(openssl rand -hex 32)"`;
  return [
    `# kube-e2etests ${version}: ${names.join(', ')}${isKnative ? ', on Knative' : ''}. For kubectl apply -f -`,
    isKnative
      ? '# The suites report to the page with a token; their pods wait until its Secret is there:'
      : '# With this Secret whatever changes something asks for its token, without it nobody is asked:',
    `#   ${token}`,
    '',
  ].join('\n');
}
