/** Windows in which something of the cluster is broken: suites run in them, and again once it is healed. */
import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunResult } from '../../../runtime/model/result.ts';
import { eventually } from '../../eventually.ts';
import { redUnder } from '../../expectations.ts';
import { assertDiagnosed, clockFor } from '../diagnosis.ts';
import { allSuites, clusterDns, keepsItsObjects, openDrive } from '../drive.ts';
import { type Admin, fault, hurryPods, namespacesSettled, openAdmin, removeNamespaces } from '../kit.ts';
import { assertFailedAt, assertPassed, describeRun } from '../say.ts';

const standing = allSuites.filter(keepsItsObjects);

export interface Window {
  /** Words for `fault`, and their opposite. */
  readonly breaks: readonly string[];
  readonly heals: readonly string[];
  /** EVENT_TIMEOUT_SECONDS while broken. */
  readonly seconds: number;
  /** Those whose expectations name this break have to be red at that step; the others have to be green. */
  readonly suites: readonly string[];
  /** Waits, once it is healed, for what takes a moment to be itself again. */
  readonly restored?: (stage: Stage) => Promise<void>;
  /** Pods that are being deleted go at once; default true. */
  readonly hurry?: boolean;
  /** Once it is broken, before the suites run. */
  readonly afterwards?: (stage: Stage) => Promise<void>;
}

type Say = (text: string) => void;

export interface Stage {
  readonly admin: Admin;
  readonly prefix: string;
  /** A row for each window that turned out as it should. */
  readonly rows: (readonly string[])[];
  /** Suites run while it is broken, then the red ones again once it is healed. */
  check(window: Window, say: Say): Promise<void>;
  runHealed(names: readonly string[], say: Say): Promise<readonly RunResult[]>;
  close(): Promise<void>;
}

/** `suites`: whose standing objects are made at once. */
export async function openStage(prefix: string, suites = standing): Promise<Stage> {
  const admin = openAdmin();
  await namespacesSettled(admin, prefix);
  await standIn(prefix, suites);
  const rows: (readonly string[])[] = [];

  const runHealed: Stage['runHealed'] = async (names, say) => {
    const drive = await openDrive({ prefix });
    const slowDown = hurryPods(admin, prefix);
    try {
      const results = [...(await drive.run(...names)).values()];
      for (const result of results) say(`healed: ${describeRun(result)}`);
      return results;
    } finally {
      slowDown();
      await drive.close();
    }
  };

  const stage: Stage = {
    admin,
    prefix,
    rows,
    runHealed,
    async check({ breaks, heals, seconds, suites, afterwards, restored, hurry = true }, say) {
      const clock = clockFor(breaks);
      const expected = redUnder('cluster', breaks.join(' '));
      const red = suites.filter((name) => expected[name]);
      assert.ok(red.length > 0, `no suite is expected to notice ${breaks.join(' ')}: see test/expectations/`);
      await standIn(
        prefix,
        standing.filter((name) => suites.includes(name)),
      );
      const broken = await openDrive({ prefix, eventTimeoutSeconds: seconds, record: clock.record });
      const slowDown = hurry ? hurryPods(admin, prefix) : () => {};
      let results: ReadonlyMap<string, RunResult>;
      try {
        await fault(...breaks);
        await afterwards?.(stage);
        clock.start();
        results = await broken.run(...suites);
      } finally {
        await fault(...heals);
        await broken.close();
        slowDown();
      }
      for (const result of results.values()) say(describeRun(result));
      await restored?.(stage);
      const healed = await runHealed(red, say);
      for (const name of red) {
        const [[step, codes] = assert.fail()] = Object.entries(expected[name]!.steps);
        assertFailedAt(results.get(name), step, ...codes);
      }
      const green = suites.filter((name) => !expected[name]);
      assertPassed(green.map((name) => results.get(name) as RunResult));
      assertPassed(healed);
      rows.push(assertDiagnosed(breaks, seconds, results.values(), clock));
    },
    async close() {
      await removeNamespaces(admin, prefix);
      await admin.close();
    },
  };
  return stage;
}

/** What stands of the suites, before anything is broken. */
async function standIn(prefix: string, suites: readonly string[]): Promise<void> {
  const drive = await openDrive({ prefix });
  await drive.stand(...suites).finally(() => drive.close());
}

/** A name server that has just started refuses for a moment. */
export async function namesResolve(): Promise<void> {
  const resolver = new Resolver({ timeout: 1_000, tries: 1 });
  resolver.setServers([clusterDns]);
  const look = () => resolver.resolve4('kubernetes.default.svc.cluster.local').catch(() => []);
  await eventually('names', 30_000, look, (addresses) => addresses.length > 0);
}

/** A kubelet that has just started answers 404 for the logs of pods that it has not looked at yet. */
export async function logsCanBeRead({ admin: { core }, prefix }: Stage): Promise<void> {
  const namespace = `${prefix}-http`;
  const { items } = await core.listNamespacedPod({ namespace });
  const read = (name = '') => core.readNamespacedPodLog({ name, namespace, tailLines: 1 });
  while (!(await Promise.all(items.map(({ metadata }) => read(metadata?.name))).catch(() => undefined)))
    await pause(100);
}

/** A kube-proxy that stands still leaves its rules: services that stand still answer, only a new address has none. */
export async function newServiceOfHttp({ admin, prefix }: Stage): Promise<void> {
  const drive = await openDrive({ prefix });
  try {
    assertPassed((await drive.run('http')).values());
  } finally {
    await drive.close();
  }
  await admin.core.deleteNamespacedService({ name: 'kubee2etests', namespace: `${prefix}-http` });
}
