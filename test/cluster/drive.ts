/** Runs suites in this process against the cluster of KUBECONFIG, by the product's own composition root. */
import { setTimeout as pause } from 'node:timers/promises';
import { namespaceOf } from '../../runtime/config/config.ts';
import type { Config } from '../../runtime/config/shape.ts';
import { Held } from '../../runtime/defects.ts';
import { configMap, deployment, keeps, service } from '../../runtime/index.ts';
import type { RunEvent } from '../../runtime/model/event.ts';
import type { Runner } from '../../runtime/model/outcome.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import type { Suite } from '../../runtime/model/suite.ts';
import { openRunner } from '../../runtime/process/connect.ts';
import { prepare } from '../../runtime/process/main.ts';
import { findSuites, loadSuites } from '../../runtime/run/registry.ts';
import { isSame, keepsObjects } from '../../runtime/uses.ts';

export interface DriveOptions {
  /** TEST_NAMESPACE: each suite works in `<prefix>-<suite>`. */
  readonly prefix: string;
  /** EVENT_TIMEOUT_SECONDS; default `patience`. Less only for what is broken, whose time must run out. */
  readonly eventTimeoutSeconds?: number;
  /** Further settings, by the names of README.md. */
  readonly env?: Readonly<Record<string, string>>;
  readonly record?: (event: RunEvent) => void;
}

export interface Drive {
  readonly config: Config;
  readonly runner: Runner;
  suite(name: string): Suite;
  namespaceOf(suite: string): string;
  /** Runs the suites side by side and waits until their clean-up is over; first for a lock that a dead run left. */
  run(...names: string[]): Promise<ReadonlyMap<string, RunResult>>;
  /** Runs one suite, as changed by the test. Throws Held. */
  runOne(suite: Suite): Promise<RunResult>;
  /** The same, after waiting for whoever holds the namespace. */
  runWhenFree(suite: Suite): Promise<RunResult>;
  /** Brings the standing objects of the suites into their state, as each suite's own `ensure` steps do. */
  stand(...names: string[]): Promise<void>;
  close(): Promise<void>;
}

const loaded = await loadSuites({ settings: { replicas: 3, dnsQueryName: 'kubernetes.default' } });

export const allSuites: readonly string[] = [...findSuites().keys()];

/** Add-ons of the test cluster, which test/cluster/add-ons/ installs. */
const addOns = ['ingress-class', 'gateway'];

/** Those for which the test cluster has what they require: agents are of AGENT_IMAGE, which somebody has to build. */
export const supportedSuites: readonly string[] = allSuites.filter(
  (name) =>
    (process.env.AGENT_IMAGE || !requiresOf(name).includes('agent-image')) &&
    !requiresOf(name).some((one) => addOns.includes(one)),
);

/** Those of them that wait for no timer of the cluster, as a CronJob's minute: a run takes no longer than EVENT_TIMEOUT_SECONDS say. */
export const promptSuites: readonly string[] = supportedSuites.filter(
  (suite) => loaded.find(({ name }) => name === suite)?.timeout === undefined,
);

/**
 * Seconds for a step that nothing hinders. The default minute is not enough where forty pods start at once on two cores, nor where a slow kubelet
 * takes 90 s to report a pod gone and a rollout waits for that three times, one after another.
 */
export const patience = 300;

/** The test cluster's DNS service, DNS_SERVERS if it has another. */
export const clusterDns = process.env.DNS_SERVERS ?? '10.96.0.10';

/** Whether the suite works on objects that stand from run to run. */
export const keepsItsObjects = (suite: string): boolean => keepsObjects(usesOf(suite));

function requiresOf(suite: string): readonly string[] {
  return loaded.find(({ name }) => name === suite)?.requires?.map(({ name }) => name) ?? [];
}

const usesOf = (suite: string) => loaded.find(({ name }) => name === suite)?.uses ?? [];

/** Settings of the test cluster: its DNS service, and namespaces made as needed. */
export function settingsFor({ prefix, eventTimeoutSeconds = patience, env }: DriveOptions): Record<string, string> {
  return {
    CLUSTER: 'kubeconfig',
    KUBECONFIG: process.env.KUBECONFIG ?? '',
    TEST_NAMESPACE: prefix,
    EVENT_TIMEOUT_SECONDS: String(eventTimeoutSeconds),
    CREATE_NAMESPACES: 'true',
    DNS_SERVERS: clusterDns,
    ...(process.env.AGENT_IMAGE && { AGENT_IMAGE: process.env.AGENT_IMAGE }),
    ...(process.env.GATEWAY && { GATEWAY: process.env.GATEWAY }),
    ...env,
  };
}

const keepsAll: Suite['uses'] = [keeps(configMap), keeps(deployment), keeps(service)];
/** But what the suite makes itself. */
const ensureAll =
  ({ uses }: Suite): Suite['run'] =>
  (t) =>
    t.step('Ensure', async () => {
      for (const builder of [configMap, deployment, service]) {
        const isMade = uses.some(({ kind, how }) => how === 'makes' && isSame(kind, builder.kind));
        if (!isMade) await t.ensure<unknown>(builder());
      }
    });

export async function openDrive(options: DriveOptions): Promise<Drive> {
  const { config, suites } = await prepare(settingsFor(options));
  const open = openRunner({ config, suites, record: options.record ?? (() => {}) });
  const suite = (name: string) => suites.find((one) => one.name === name) as Suite;
  const runOne = async (one: Suite) => {
    const outcome = open.runner.start(one, 'cli');
    if (outcome.kind === 'closing') throw new Error('The drive is closed');
    return outcome.finished;
  };
  const whenFree = async (one: Suite): Promise<RunResult> => {
    try {
      return await runOne(one);
    } catch (error) {
      if (!(error instanceof Held)) throw error;
      await pause(error.retryAfterMs);
      return whenFree(one);
    }
  };
  const finished = async (name: string) => [name, await whenFree(suite(name))] as const;
  const standing = async (name: string) => {
    const own = suite(name);
    // What it requires besides may come later.
    const ensured = { ...own, steps: ['Ensure'], uses: keepsAll, requires: [], run: ensureAll(own) };
    const { status, steps } = await whenFree(ensured);
    if (status !== 'passed') throw new Error(`${name}: ${JSON.stringify(steps[0]?.findings[0])}`);
  };
  return {
    config,
    runner: open.runner,
    suite,
    namespaceOf: (name) => namespaceOf(config, name, suites.length),
    run: async (...names) => new Map(await Promise.all(names.map(finished))),
    runOne,
    runWhenFree: whenFree,
    stand: async (...names) => void (await Promise.all(names.map(standing))),
    close: async () => {
      await open.runner.close();
      await open.close();
    },
  };
}

/** The suite as it is, with `act` done right after one of its steps has ended well. */
export function afterStep(suite: Suite, step: string, act: () => Promise<unknown>): Suite {
  const run: Suite['run'] = (t) =>
    suite.run({
      ...t,
      step: async (name, fn) => {
        const value = await t.step(name, fn);
        if (name === step) await act();
        return value;
      },
    });
  return { ...suite, run };
}
