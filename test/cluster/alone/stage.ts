/** Windows in which something of the cluster is broken: suites run in them, and again once it is healed. */
import { setTimeout as pause } from 'node:timers/promises';
import type { FindingCode } from '../../../runtime/findings.ts';
import type { RunResult } from '../../../runtime/model/result.ts';
import { assertDiagnosed, clockFor } from '../diagnosis.ts';
import { allSuites, keepsItsObjects, openDrive } from '../drive.ts';
import { type Admin, fault, hurryPods, namespacesSettled, openAdmin, removeNamespaces } from '../kit.ts';
import { assertFailedAt, assertPassed, describeRun } from '../say.ts';

const standing = allSuites.filter(keepsItsObjects);

/** Suite → the step it fails at first, and with what. */
type Verdicts = Readonly<
  Record<string, { readonly step: string; readonly code: FindingCode | readonly FindingCode[] }>
>;

export interface Window {
  /** Words for `fault`, and their opposite. */
  readonly breaks: readonly string[];
  readonly heals: readonly string[];
  /** EVENT_TIMEOUT_SECONDS while broken. */
  readonly seconds: number;
  readonly red: Verdicts;
  readonly green: readonly string[];
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

export async function openStage(prefix: string): Promise<Stage> {
  const admin = openAdmin();
  await namespacesSettled(admin, prefix);
  await standIn(prefix, standing);
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
    async check({ breaks, heals, seconds, red, green, afterwards, restored, hurry = true }, say) {
      const clock = clockFor(breaks);
      const concerned = [...Object.keys(red), ...green];
      await standIn(
        prefix,
        standing.filter((name) => concerned.includes(name)),
      );
      const broken = await openDrive({ prefix, eventTimeoutSeconds: seconds, record: clock.record });
      const slowDown = hurry ? hurryPods(admin, prefix) : () => {};
      let results: ReadonlyMap<string, RunResult>;
      try {
        await fault(...breaks);
        await afterwards?.(stage);
        clock.start();
        results = await broken.run(...concerned);
      } finally {
        await fault(...heals);
        await broken.close();
        slowDown();
      }
      for (const result of results.values()) say(describeRun(result));
      await restored?.(stage);
      const healed = await runHealed(Object.keys(red), say);
      for (const [suite, { step, code }] of Object.entries(red))
        assertFailedAt(results.get(suite), step, ...[code].flat());
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
