/** A Job of our own: pods that print a line and end, well or badly. */
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { Defect, throwFindings } from '../../defects.ts';
import type { ObjectView, PodView } from '../../model/evidence.ts';
import type { Creatable } from '../../model/resource.ts';
import type { Served } from '../client/served.ts';
import type { Look, Watched } from '../client/watched.ts';
import type { ClusterView, TimedOut } from './cluster-view.ts';
import { container, type JobOptions, jobManifest, type WholeOptions, wholeOptions } from './job-manifest.ts';
import { objectKind, toMake } from './kind.ts';
import { readLogs, withoutLine } from './logs.ts';
import { made } from './managed.ts';
import { seconds } from './object-words.ts';
import { OwnedObject } from './owned-object.ts';
import { managedBy, ofRun, ourName } from './ownership.ts';
import { noPlaces } from './placement.ts';
import { lastWords, podGrants, pods as podKind, podsQuota, podsShown, selectorText, suspectLog } from './pod.ts';
import { codeOf, describe, none } from './pod-conditions.ts';
import { refusedPods } from './refused-pods.ts';
import { conditionViews, podView } from './views.ts';
import type { Said } from './volume-content.ts';

const mostShown = 50;
const served: Served<V1Job> = { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs' };

const jobs = objectKind<V1Job>()({
  ...served,
  // It cannot be applied again: there is no `keeps`.
  grants: { makes: toMake('batch', 'jobs', ...podGrants) },
  // One that ends well beside one that fails, and those of the run before; three pods each, and as many that go.
  quota: { 'count/jobs.batch': '12', ...podsQuota },
  async evidence(view, ask) {
    const labelSelector = selectorText({ [managedBy]: ourName });
    const query = { namespace: view.namespace, labelSelector, limit: mostShown };
    const [list, shown] = await Promise.all([
      ask('list jobs', (signal) => view.api.list(served, query, signal)),
      podsShown(view, ask, labelSelector, mostShown),
    ]);
    return { ...shown, objects: (list?.items ?? []).map(jobView) };
  },
  async lastEvidence(view, ask, seen) {
    const failed = seen.pods.find(({ phase }) => phase === 'Failed');
    return (await suspectLog(view, ask, seen, container)) ?? (failed && lastWords(view, ask, failed.name, container));
  },
});

/** Its states, its pods, and what they wrote. */
class TestJob {
  readonly #view: ClusterView;
  readonly #object: OwnedObject<V1Job>;
  readonly #options: WholeOptions;
  readonly #watched: Watched<V1Pod>;
  readonly #seen = new Set<string>();
  #mostActive = 0;

  constructor(view: ClusterView, object: OwnedObject<V1Job>, options: JobOptions) {
    this.#view = view;
    this.#object = object;
    this.#options = wholeOptions(options);
    this.#watched = view.watch<V1Pod>({
      what: `pods of ${object.title}`,
      kind: podKind,
      labelSelector: selectorText(ofRun(object.ref.name, view.scope.id)),
      changed: (all) => {
        for (const { metadata } of all) this.#seen.add(metadata?.uid ?? '');
        this.#mostActive = Math.max(this.#mostActive, all.map(podView).filter(isActive).length);
      },
    });
  }

  async create(): Promise<void> {
    // From before it is made: no pod of it is missed.
    await this.#watched.start();
    await this.#object.create(jobManifest(this.#view, this.#object.ref.name, this.#options));
  }

  /** Waits until it is Complete. Raises timeout.events, k8s.pod_failed, k8s.replica_failure. */
  async completed(): Promise<void> {
    const { type, words } = await this.#ends();
    const { completions } = this.#options;
    if (type !== 'Complete')
      throw this.#defect('k8s.pod_failed', `expected ${completions} completions, and it failed: ${words}`);
  }

  /** Waits until it has Failed. Raises timeout.events, k8s.pod_failed, k8s.replica_failure. */
  async failed(): Promise<void> {
    const end = await this.#ends();
    if (end.type !== 'Failed') throw this.#defect('k8s.replica_failure', 'it is Complete although its pods fail');
  }

  /** At no moment were there more pods than its parallelism that had not ended. Raises k8s.replica_failure. */
  keptItsParallelism(): void {
    const { parallelism } = this.#options;
    const why = `${this.#mostActive} pods ran at a time, its parallelism is ${parallelism}`;
    if (this.#mostActive > parallelism) throw this.#defect('k8s.replica_failure', why);
  }

  /** Each pod that failed was made anew, until there were as many as its backoffLimit allows. Raises k8s.replica_failure. */
  keptItsBackoffLimit(): void {
    const wanted = this.#options.backoffLimit + 1;
    this.#refuseRemoved();
    const why = `${this.#seen.size} pods were made, and its backoffLimit of ${wanted - 1} makes ${wanted}`;
    if (this.#seen.size !== wanted) throw this.#defect('k8s.replica_failure', why);
  }

  /** The log of each pod that ended well has its line. Raises k8s.log_incorrect, api.*. */
  async logsSayIt(): Promise<void> {
    const { line, completions } = this.#options;
    const ended = this.#ended;
    const few = this.#defect('k8s.log_incorrect', `${ended.length} of ${completions} pods are there to be read`);
    const wrong = await withoutLine(this.#view, ended, container, line);
    throwFindings(ended.length < completions ? [few, ...wrong] : wrong);
  }

  /** What the pods that ended well wrote, and on which nodes. Raises k8s.log_incorrect, k8s.pods_removed, api.*. */
  async said(): Promise<Said> {
    const ended = this.#ended;
    const logs = await readLogs(this.#view, ended, container);
    return { lines: [...logs.values()].flat(), pods: [...logs.keys()], nodes: ended.flatMap(({ node }) => node ?? []) };
  }

  /** For whoever waits for the same pods: what keeps them, as the wait for its end tells it. */
  hindrance(afterMs: number): Promise<TimedOut> {
    const waiting = this.#pods.map((pod) => describe(pod));
    return this.#lasts(waiting.join('; ') || 'it has no pod', afterMs);
  }

  get #ended(): readonly PodView[] {
    this.#refuseRemoved();
    return this.#pods.filter(({ phase }) => phase === 'Succeeded');
  }

  /** A drain takes pods that have ended with it: what rests on them says nothing then. Raises k8s.pods_removed. */
  #refuseRemoved(): void {
    const gone = this.#seen.size - this.#pods.filter(({ deletedAt }) => !deletedAt).length;
    if (gone === 0) return;
    throw new Defect('k8s.pods_removed', `${this.#object.title}: ${gone} of its pods were removed by somebody else`, {
      blame: 'us',
    });
  }

  delete = (): Promise<void> => this.#object.delete();

  /** Raises k8s.not_deleted. */
  isGone = (): Promise<void> => this.#object.isGone();

  /** Waits until no pod is left, those that have ended too. Raises k8s.not_deleted. */
  podsGone(): Promise<void> {
    const look = (all: readonly V1Pod[]) => none('left')(all.map(podView));
    return this.#view.wait(this.#watched, look, (why, _, afterMs) => ({
      code: 'k8s.not_deleted',
      message: `${this.#object.title}: expected no pod left, after ${seconds(afterMs)} there were ${why}`,
    }));
  }

  get #pods(): readonly PodView[] {
    return this.#watched.objects.map(podView);
  }

  #defect(code: Defect['finding']['code'], why: string): Defect {
    return new Defect(code, `${this.#object.title}: ${why}`, { object: this.#object.ref });
  }

  async #ends(): Promise<{ type: string; words: string }> {
    const watched = await this.#object.watch(this.#object.latest);
    const end = await this.#view.wait(
      watched,
      ([job]) => endOf(job, this.#pods),
      (why, _, afterMs) => this.#lasts(why, afterMs),
    );
    watched.stop();
    // What is judged now rests on its pods: the watch on them may be late.
    await this.#watched.relist();
    return end;
  }

  /** Of one that does not end: what people set up, what its pods show, or that nothing happens. */
  async #lasts(why: string, afterMs: number): Promise<TimedOut> {
    const { title, ref } = this.#object;
    const listed = (await this.#watched.relist()).map(podView);
    const refused = listed.length === 0 ? await refusedPods(this.#view, title, this.#object.uid) : undefined;
    const word = refused ?? (await noPlaces(this.#view, title, listed, 1));
    const { code, message, blame } = word?.finding ?? {
      code: codeOf(listed, 'timeout.events'),
      message: `${title}: expected to end, after ${seconds(afterMs)} ${why}`,
    };
    return { code, message, options: { object: ref, ...(blame && { blame }) } };
  }
}

function jobView({ metadata, spec, status }: V1Job): ObjectView {
  const { succeeded = 0, active = 0, failed = 0, conditions } = status ?? {};
  const state = `${succeeded} of ${spec?.completions ?? 1} completions, ${active} active, ${failed} failed`;
  return { kind: 'job', name: metadata?.name ?? '', state, conditions: conditionViews(conditions) };
}

/** One that goes is replaced before it has gone. */
const isActive = ({ phase, deletedAt }: PodView) => !deletedAt && (phase === 'Pending' || phase === 'Running');

function endOf(job: V1Job | undefined, pods: readonly PodView[]): Look<{ type: string; words: string }> {
  if (!job) return { done: false, why: 'it is not there' };
  const { succeeded = 0, failed = 0, conditions } = job.status ?? {};
  const end = conditions?.find(({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'));
  if (end)
    return { done: true, value: { type: end.type, words: [end.reason, end.message].filter(Boolean).join(': ') } };
  const open = pods.filter(isActive).map((pod) => describe(pod));
  return { done: false, why: [`${succeeded} pods ended well, ${failed} failed`, ...open].join('; ') };
}

/** A Job; named TEST_DEPLOYMENT-job. It can only be made. */
function make(options: JobOptions): Creatable<TestJob> {
  return made((view) => {
    const name = [view.objects.deployment, 'job', options.as].filter(Boolean).join('-');
    const object = new OwnedObject<V1Job>(view, jobs, name);
    return {
      object,
      create: async () => {
        const created = new TestJob(view, object, options);
        await created.create();
        return created;
      },
    };
  });
}

export const job = Object.assign(make, { kind: jobs });
