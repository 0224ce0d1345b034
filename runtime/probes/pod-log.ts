import { setTimeout as pause } from 'node:timers/promises';
import { Defect, throwFindings } from '../defects.ts';
import type { AnsweredRequest } from '../model/probing.ts';

/** Pod name → its log lines, newest last. */
export type Logs = ReadonlyMap<string, readonly string[]>;

/**
 * What logs lack of the requests that were answered: a pod's own in that pod's log, a service's in any. A request is
 * found by its User-Agent. Empty logs are a finding of their own.
 */
export function missingFrom(logs: Logs, answered: readonly AnsweredRequest[]): readonly Defect[] {
  const pods = [...logs.keys()];
  const empty = pods.filter((pod) => logs.get(pod)?.length === 0);
  const everything = [...logs.values()].flat().join('\n');
  const isMissing = ({ target, userAgent }: AnsweredRequest) => {
    const where = target.resource === 'pod' ? (logs.get(target.object.name) ?? []).join('\n') : everything;
    return !where.includes(`"${userAgent}"`);
  };
  const missing = Map.groupBy(
    answered.filter(isMissing),
    ({ target }) => `${target.object.kind}/${target.object.name}`,
  );
  return [
    ...empty.map(
      (pod) =>
        new Defect('k8s.log_incorrect', `The log of pod/${pod} is empty`, { object: { kind: 'pod', name: pod } }),
    ),
    ...[...missing].map(
      ([title, requests]) =>
        new Defect('k8s.log_incorrect', `${requests.length} answered requests to ${title} appear in no pod's log`, {
          object: requests[0]?.target.object,
        }),
    ),
  ];
}

/**
 * Raises k8s.log_incorrect. A line may reach the log a moment after its answer: logs are read again a few times. A kubelet
 * that has just rotated a log serves the new file alone: then `askAgain` sends requests to the pods, which must be there. So it does
 * `again`, where pods were removed since: with them went what they answered.
 */
export async function validateLogs(
  read: () => Promise<Logs>,
  answered: readonly AnsweredRequest[],
  askAgain?: () => Promise<unknown>,
  again = false,
): Promise<void> {
  if (again && askAgain) return validateAnew(read, answered, askAgain);
  const { logs, missing } = await settled(read, answered);
  if (missing.length > 0 && askAgain && isRotated(logs, answered)) return validateAnew(read, answered, askAgain);
  throwFindings(missing);
}

async function validateAnew(
  read: () => Promise<Logs>,
  answered: readonly AnsweredRequest[],
  ask: () => Promise<unknown>,
): Promise<void> {
  const before = answered.length;
  await ask();
  throwFindings((await settled(read, answered.slice(before))).missing);
}

async function settled(read: () => Promise<Logs>, answered: readonly AnsweredRequest[]) {
  for (const waitMs of [100, 400, 1500]) {
    const logs = await read().catch(() => undefined);
    if (logs && missingFrom(logs, answered).length === 0) return { logs, missing: [] };
    await pause(waitMs);
  }
  const logs = await read();
  return { logs, missing: missingFrom(logs, answered) };
}

/** A log that begins with this run: nobody but runs asks the pods for anything that is logged. */
function isRotated(logs: Logs, answered: readonly AnsweredRequest[]): boolean {
  const run = answered[0]?.userAgent.replace(/-\d+$/, '-') ?? '';
  return [...logs.values()].some((lines) => lines.every((line) => line.includes(run)));
}
