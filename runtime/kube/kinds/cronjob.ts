/** A CronJob that stands, suspended between the runs: whether it fires when it may, and only then. */
import type { V1CronJob, V1Job } from '@kubernetes/client-node';
import { Defect, throwFindings } from '../../defects.ts';
import type { ObjectView } from '../../model/evidence.ts';
import type { Resource } from '../../model/resource.ts';
import type { Served } from '../client/served.ts';
import type { Look, Watched } from '../client/watched.ts';
import { change } from './change.ts';
import type { ClusterView, TimedOut } from './cluster-view.ts';
import { objectKind, toKeep } from './kind.ts';
import { managed } from './managed.ts';
import { seconds } from './object-words.ts';
import { OwnedObject } from './owned-object.ts';
import { instanceLabel, managedBy, ourLabels, ourName } from './ownership.ts';
import { noPlaces } from './placement.ts';
import { pods as podKind, podsQuota, podsShown, selectorText, suspectLog } from './pod.ts';
import { codeOf, describe } from './pod-conditions.ts';
import { podTemplate } from './pod-template.ts';
import { refusedPods } from './refused-pods.ts';
import { imageOf } from './test-objects.ts';
import { podView } from './views.ts';

const container = 'job';
const mostShown = 50;
/** The longest way to the next full minute. */
const minuteMs = 60_000;
/** Of a Job, by the controller, since 1.28. */
const scheduledAt = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

const served: Served<V1CronJob> = { apiVersion: 'batch/v1', kind: 'CronJob', plural: 'cronjobs' };
const jobs: Served<V1Job> = { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs' };

const cronJobs = objectKind<V1CronJob>()({
  ...served,
  grants: {
    keeps: toKeep(
      'batch',
      'cronjobs',
      { group: 'batch', resource: 'jobs', verbs: ['list', 'watch'] },
      { group: '', resource: 'pods', verbs: ['list'] },
      { group: '', resource: 'pods/log', verbs: ['get'] },
    ),
    // It has the right to it.
    besides: { update: [] },
  },
  // A Job for each minute of a run, and the last of earlier runs.
  quota: { 'count/cronjobs.batch': '10', 'count/jobs.batch': '12', ...podsQuota },
  async evidence(view, ask) {
    const labelSelector = selectorText({ [managedBy]: ourName });
    const query = { namespace: view.namespace, labelSelector, limit: mostShown };
    const [list, shown] = await Promise.all([
      ask('list cronjobs', (signal) => view.api.list(served, query, signal)),
      podsShown(view, ask, labelSelector, mostShown),
    ]);
    return { ...shown, objects: (list?.items ?? []).map(cronJobView) };
  },
  lastEvidence: (view, ask, seen) => suspectLog(view, ask, seen, container),
});

/** On each Job and its pods: the run for which it may fire, or nobody. */
const firedFor = 'kube-e2etests.io/fired-for';
const nobody = 'nobody';
/** What it missed while it was suspended it makes up for, once, if it is no older: the run need not wait for the next full minute. */
const startingDeadlineSeconds = 200;

/** It, and the Jobs that it makes for this run. */
class TestCronJob {
  readonly #view: ClusterView;
  readonly #object: OwnedObject<V1CronJob>;
  readonly #watched: Watched<V1Job>;

  constructor(view: ClusterView, object: OwnedObject<V1CronJob>) {
    this.#view = view;
    this.#object = object;
    const labelSelector = selectorText(this.#labels(view.scope.id));
    this.#watched = view.watch<V1Job>({ what: `jobs of ${object.title}`, kind: jobs, labelSelector });
  }

  async ensure(): Promise<void> {
    await this.#object.apply(this.#manifest());
  }

  /** While it was suspended it has made no Job; a LIST. Raises k8s.cron_wrong. */
  async restedWhileSuspended(): Promise<void> {
    const { api, namespace } = this.#view;
    const query = { namespace, labelSelector: selectorText(this.#labels(nobody)) };
    const list = await this.#view.call('list jobs', (signal) => api.list(jobs, query, signal));
    if (list.items.length > 0) throw this.#wrong(`it was suspended, and made ${namesOf(list.items)}`);
  }

  /** PATCH: it may fire, for this run. */
  async resume(): Promise<void> {
    await this.#watched.start();
    await this.#let(false, this.#view.scope.id);
  }

  /** Waits for its first Job: a minute, and EVENT_TIMEOUT_SECONDS on top; times action `run`. Raises k8s.cron_missed. */
  async fired(): Promise<void> {
    const { patience, scope } = this.#view;
    patience.begin(minuteMs + patience.begin(), Number.POSITIVE_INFINITY);
    await this.#view.wait(
      this.#watched,
      (made): Look<void> => (made.length > 0 ? { done: true, value: undefined } : { done: false, why: 'no Job' }),
      (why, _, afterMs) => ({
        code: 'k8s.cron_missed',
        message: `${this.#object.title}: expected a Job at the full minute, after ${seconds(afterMs)} there was ${why}`,
        options: { object: this.#object.ref },
      }),
    );
    scope.measure({ kind: 'action', resource: 'cronjob', action: 'run', durationMs: patience.spentMs });
  }

  /** PATCH: it makes no more. Begins a wait. */
  suspend(): Promise<void> {
    return this.#let(true, nobody);
  }

  /** Waits until each of its Jobs is Complete. Raises timeout.events, k8s.pod_failed, k8s.replica_failure. */
  async completed(): Promise<void> {
    await this.#view.wait(
      this.#watched,
      (made) => this.#end(made),
      (why, made, afterMs) => this.#lasts(made, why, afterMs),
    );
  }

  /** For no minute did it make two Jobs; a LIST. Raises k8s.cron_wrong. */
  async firedOnce(): Promise<void> {
    const made = await this.#watched.relist();
    const byMinute = Map.groupBy(made, ({ metadata }) => metadata?.annotations?.[scheduledAt] ?? metadata?.name ?? '');
    const twice = [...byMinute].filter(([, alike]) => alike.length > 1);
    throwFindings(twice.map(([minute, { length }]) => this.#wrong(`${length} Jobs for ${minute}`)));
  }

  #let(suspend: boolean, whom: string): Promise<void> {
    const labels = { [firedFor]: whom };
    const template = { metadata: { labels } };
    return change(this.#object, { spec: { suspend, jobTemplate: { metadata: { labels }, spec: { template } } } });
  }

  #end(made: readonly V1Job[]): Look<void> {
    const failed = made.find((job) => hasEnded(job, 'Failed'));
    if (failed) {
      const object = { kind: 'job', name: failed.metadata?.name ?? '' };
      throw new Defect('k8s.pod_failed', `job/${object.name} of ${this.#object.title} failed`, { object });
    }
    const open = made.filter((job) => !hasEnded(job, 'Complete'));
    return open.length === 0 ? { done: true, value: undefined } : { done: false, why: `${namesOf(open)} not Complete` };
  }

  /** What people set up, what the pods show, or that nothing happens. */
  async #lasts(made: readonly V1Job[], why: string, afterMs: number): Promise<TimedOut> {
    const { api, namespace } = this.#view;
    const { title, ref } = this.#object;
    const query = { namespace, labelSelector: selectorText(this.#labels(this.#view.scope.id)) };
    const list = await this.#view.call('list pods', (signal) => api.list(podKind, query, signal));
    const pods = list.items.map(podView);
    const [job] = made;
    const uid = job?.metadata?.uid ?? '';
    const refused = pods.length === 0 ? await refusedPods(this.#view, namesOf(made), uid) : undefined;
    const word = refused ?? (await noPlaces(this.#view, title, pods, 1));
    const { code, message, blame } = word?.finding ?? {
      code: codeOf(pods, 'timeout.events'),
      message: `${title}: expected its Job to end, after ${seconds(afterMs)} ${[why, ...pods.map((pod) => describe(pod))].join('; ')}`,
    };
    return { code, message, options: { object: ref, ...(blame && { blame }) } };
  }

  #wrong(why: string): Defect {
    return new Defect('k8s.cron_wrong', `${this.#object.title}: ${why}`, { object: this.#object.ref });
  }

  #labels(whom: string) {
    return { [instanceLabel]: this.#object.ref.name, [firedFor]: whom };
  }

  #manifest(): V1CronJob {
    const { objects, namespace } = this.#view;
    const labels = ourLabels(undefined, objects.labels);
    const own = { ...labels, ...this.#labels(nobody) };
    const image = imageOf(objects, 'first');
    const spec = { restartPolicy: 'Never', containers: [{ name: container, image, command: ['sh', '-c', 'exit 0'] }] };
    return {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: this.#object.ref.name, namespace, labels },
      spec: {
        schedule: '* * * * *',
        suspend: true,
        startingDeadlineSeconds,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 1,
        jobTemplate: { metadata: { labels: own }, spec: { template: podTemplate(objects, { labels: own, spec }) } },
      },
    };
  }
}

function hasEnded({ status }: V1Job, how: 'Complete' | 'Failed'): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === how && is === 'True') ?? false;
}

function namesOf(made: readonly V1Job[]): string {
  return made.map(({ metadata }) => `job/${metadata?.name}`).join(', ');
}

function cronJobView({ metadata, spec, status }: V1CronJob): ObjectView {
  const last = status?.lastScheduleTime ? `fired last at ${status.lastScheduleTime}` : 'has not fired';
  const state = `${last}${spec?.suspend ? ', suspended' : ''}`;
  return { kind: 'cronjob', name: metadata?.name ?? '', state, conditions: [] };
}

/** A CronJob that may fire every minute; named TEST_DEPLOYMENT-cron. It stands from run to run, suspended. */
function make(): Resource<TestCronJob> {
  return managed((view) => {
    const object = new OwnedObject<V1CronJob>(view, cronJobs, `${view.objects.deployment}-cron`);
    const ensure = async () => {
      const ensured = new TestCronJob(view, object);
      await ensured.ensure();
      return ensured;
    };
    return { object, create: ensure, ensure };
  });
}

export const cronJob = Object.assign(make, { kind: cronJobs });
