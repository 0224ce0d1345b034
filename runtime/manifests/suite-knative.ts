/** A suite on Knative: a Service of its own, and a PingSource that starts it. What all Services have alike is in knative/suite-service.yaml. */
import { createHash } from 'node:crypto';
import type { Suite } from '../model/suite.ts';
import { dashed, type KubeManifest, ownName } from './manifest.ts';

/** How long a run takes at most, where nobody says another: four EVENT_TIMEOUT_SECONDS. */
const usualRunSeconds = 240;
/** For the clean-up, and for a process that starts. */
const besidesSeconds = 60;
const usualTimeoutSeconds = usualRunSeconds + besidesSeconds;
/** A request is not let go on for longer: max-revision-timeout-seconds of Serving's config-defaults. */
export const longestRequestSeconds = 600;

/** A tick comes so often. */
const everyMinutes = 10;

export interface TickSchedule {
  readonly schedule: string;
  readonly timeZone?: string;
}

/** `isNamed`: people asked for this one, and so it must be supported. */
export function knativeService(
  { name, requires = [], byDefault = true, timeout }: Suite,
  home: string,
  { isNamed = !byDefault, runSeconds = timeout ?? usualRunSeconds } = {},
): KubeManifest {
  const optional = requires.length > 0 && !isNamed ? [{ name: 'REQUIREMENTS', value: 'optional' }] : [];
  const timeoutSeconds = requestSeconds(runSeconds);
  const grace =
    timeoutSeconds > usualTimeoutSeconds
      ? [{ name: 'SHUTDOWN_GRACE_SECONDS', value: String(timeoutSeconds - besidesSeconds + 10) }]
      : [];
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name: knativeName(name), namespace: home, labels: { 'kube-e2etests.io/suite': name } },
    spec: {
      template: {
        spec: {
          timeoutSeconds,
          responseStartTimeoutSeconds: timeoutSeconds,
          containers: [{ image: ownName, env: [{ name: 'SUITES', value: name }, ...optional, ...grace] }],
        },
      },
    },
  };
}

/** How long the request that starts a run may take. */
export function requestSeconds(runSeconds: number): number {
  return Math.max(usualTimeoutSeconds, Math.ceil(runSeconds) + besidesSeconds);
}

/** The ticks of all: each of them in a minute that follows from its name. */
export function pingSources(
  suites: readonly Pick<Suite, 'name'>[],
  home: string,
  scheduleOf: (suite: string) => TickSchedule | undefined = () => undefined,
): readonly KubeManifest[] {
  const minutes = spread(suites.map(({ name }) => name));
  return suites.map(({ name }) => {
    const { schedule, timeZone } = scheduleOf(name) ?? { schedule: `${minutes.get(name)}-59/${everyMinutes} * * * *` };
    return {
      apiVersion: 'sources.knative.dev/v1',
      kind: 'PingSource',
      metadata: { name: knativeName(name), namespace: home },
      spec: {
        schedule,
        ...(timeZone && { timezone: timeZone }),
        sink: {
          ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: knativeName(name) },
          uri: `/run/${name}`,
        },
      },
    };
  });
}

function knativeName(suite: string): string {
  return `${ownName}-${dashed(suite)}`;
}

/** Name → minute: the one that its hash says, or the next one free. No minute has two before each has one. */
export function spread(names: readonly string[]): ReadonlyMap<string, number> {
  const taken = new Array<number>(everyMinutes).fill(0);
  const minutes = new Map<string, number>();
  for (const [place, name] of [...names].sort().entries()) {
    const most = Math.floor(place / everyMinutes);
    let minute = hashOf(name) % everyMinutes;
    while ((taken[minute] ?? 0) > most) minute = (minute + 1) % everyMinutes;
    taken[minute] = (taken[minute] ?? 0) + 1;
    minutes.set(name, minute);
  }
  return minutes;
}

function hashOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE();
}
