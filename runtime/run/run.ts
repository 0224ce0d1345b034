import { Defect, Held } from '../defects.ts';
import type { Creatable, Created } from '../model/resource.ts';
import type { RunResult, StepResult } from '../model/result.ts';
import type { RunScope } from '../model/scope.ts';
import type { Session } from '../model/session-contract.ts';
import type { SuiteContext } from '../model/suite.ts';
import { needsApi } from '../uses.ts';
import { CleanupStack, cleanupBudgetMs } from './cleanup.ts';
import { missedSteps, refuseUndeclared } from './declared-steps.ts';
import { FirstFailure } from './first-failure.ts';
import type { RunOrder, RunParts } from './order.ts';
import { raced } from './raced.ts';
import { Steps, toMicroseconds } from './steps.ts';
import { checkingRequirements, Requirements } from './support.ts';
import { StepTaker } from './take.ts';
import { judge, withSkipped } from './verdict.ts';

const takingTheLock = 'Take the namespace';
/** A lock that takes longer is told of. */
const lockIsSlowMs = 500;

/** Thrown through a suite to end it; what was wrong is recorded already. */
class Ended extends Error {}

/**
 * One run: lock, leftovers, the suite, verdict, clean-up. `judged` is called with the verdict before the clean-up
 * begins; the result returned has the clean-up in it. Throws Held, and nothing else.
 */
export async function executeRun(
  order: RunOrder,
  parts: RunParts,
  judged: (result: RunResult) => void,
): Promise<RunResult> {
  if (order.suite.file && parts.outside) return parts.outside(order, parts, judged);
  const run = new Run(order, parts);
  try {
    await run.begin();
    await run.perform();
    judged(run.judge());
    return await run.cleanUp();
  } finally {
    await run.end();
  }
}

class Run {
  readonly #order: RunOrder;
  readonly #parts: RunParts;
  readonly #abort = new AbortController();
  readonly #startedAt = new Date().toISOString();
  readonly #began = performance.now();
  readonly #steps: Steps;
  readonly #cleanup = new CleanupStack();
  readonly #session: Session | undefined;
  readonly #firstFailure: FirstFailure;
  readonly #probes: ReturnType<RunParts['openProbes']>;
  readonly #taker: StepTaker;
  #deadline: NodeJS.Timeout | undefined;
  readonly #onStop: () => void;
  #judgedMs = 0;
  readonly #requirements: Requirements;
  #underway: Promise<unknown> = Promise.resolve();

  constructor(order: RunOrder, parts: RunParts) {
    this.#order = order;
    this.#parts = parts;
    const { suite, id, namespace, stop } = order;
    this.#steps = new Steps({ run: id, suite: suite.name, namespace }, parts.record);
    const scope = this.#scope();
    this.#session = needsApi(suite.uses) || suite.requires?.length ? parts.openSession(scope) : undefined;
    this.#firstFailure = new FirstFailure(this.#session);
    const [steps, session, firstFailure, abort] = [this.#steps, this.#session, this.#firstFailure, this.#abort];
    this.#taker = new StepTaker({ steps, session, firstFailure, abort });
    this.#requirements = new Requirements(suite.requires, parts.expected?.(suite.name));
    this.#probes = parts.openProbes(scope);
    this.#onStop = () => this.#abort.abort(stop.reason);
    stop.addEventListener('abort', this.#onStop, { once: true });
    if (stop.aborted) this.#onStop();
  }

  /** Takes the lock and clears leftovers. Throws Held; other trouble is recorded as the run's first step. */
  async begin(): Promise<void> {
    const { id: run, suite, namespace, trigger } = this.#order;
    const at = this.#startedAt;
    this.#parts.record({ type: 'run-started', run, suite: suite.name, namespace, trigger, at, steps: suite.steps });
    const inquiry = () => this.#session && this.#parts.inquiryOf?.(this.#session);
    const attempt = (check: () => Promise<void>) => this.#attempt(checkingRequirements, 'recovery', check);
    if (!(await this.#requirements.areMet(inquiry, attempt))) return;
    let leftoversLikely = false;
    try {
      leftoversLikely = await this.#lock();
    } catch (error) {
      if (error instanceof Held) {
        this.#parts.record({ type: 'run-withdrawn', run, suite: suite.name, namespace, holder: error.holder, at });
        throw error;
      }
      await this.#attempt(takingTheLock, 'recovery', () => Promise.reject(error), this.#began);
      return;
    }
    // What the wait for another process took is not the cluster's.
    this.#limit();
    if (leftoversLikely)
      await this.#attempt('Remove leftovers of a dead run', 'recovery', async () => this.#session?.recover());
  }

  async #lock(): Promise<boolean> {
    const { namespace } = this.#order;
    const slow = setTimeout(() => this.#steps.waiting(`waits for the lock of namespace ${namespace}`), lockIsSlowMs);
    this.#steps.announce(takingTheLock, 'recovery');
    try {
      return (await this.#session?.lock())?.leftoversLikely ?? false;
    } finally {
      clearTimeout(slow);
      this.#steps.withdraw();
    }
  }

  #limit(): void {
    const { suite } = this.#order;
    const limitMs = suite.timeout ? suite.timeout * 1000 : 4 * this.#parts.eventTimeoutMs;
    this.#deadline = setTimeout(() => {
      this.#abort.abort(new Defect('timeout.deadline', `The run took longer than ${limitMs / 1000} s`));
    }, limitMs);
  }

  /** Runs the suite, unless something before it went wrong. */
  async perform(): Promise<void> {
    if (this.#requirements.unmet || this.#steps.results.some(({ status }) => status !== 'passed')) return;
    const { suite } = this.#order;
    try {
      await raced(suite.run(this.#context()), this.#abort.signal, () => this.#underway);
    } catch (error) {
      // What ended a suite through a step is recorded there; anything else is a defect of the suite.
      if (!(error instanceof Ended) && !this.#steps.isOver)
        await this.#attempt('Suite', 'step', () => Promise.reject(error));
      return;
    }
    const missed = missedSteps(suite, this.#steps.results);
    if (missed) await this.#attempt('Suite', 'step', () => Promise.reject(missed));
  }

  judge(): RunResult {
    clearTimeout(this.#deadline);
    this.#judgedMs = toMicroseconds(performance.now() - this.#began);
    const result = this.#result();
    this.#parts.record({ type: 'run-judged', result });
    return result;
  }

  /** Removes what the run made, gives the lock back, and returns the result with the clean-up in it. */
  async cleanUp(): Promise<RunResult> {
    const clean = await this.#cleanup.unwind(
      this.#steps,
      cleanupBudgetMs(this.#parts.eventTimeoutMs, this.#firstFailure.spentMs),
    );
    await this.#session?.close(clean);
    return this.#result();
  }

  /** Nothing of the run is left in this process afterwards. */
  async end(): Promise<void> {
    clearTimeout(this.#deadline);
    this.#order.stop.removeEventListener('abort', this.#onStop);
    this.#abort.abort(new Defect('run.aborted', 'The run is over'));
    this.#taker.end();
    await this.#probes.close();
  }

  #context(): SuiteContext {
    const { id, suite, namespace } = this.#order;
    return {
      run: { id, suite: suite.name, namespace },
      settings: this.#parts.settings,
      http: this.#probes.http,
      dns: this.#probes.dns,
      mesh: this.#probes.mesh,
      step: async (name, fn) => {
        const { passed, value } = await this.#attempt(name, 'step', fn);
        if (!passed) throw new Ended();
        return value as never;
      },
      check: async (name, fn) => (await this.#attempt(name, 'check', fn)).value,
      use: (resource) => {
        const created = this.#bind(resource);
        this.#cleanup.push(created);
        return created.create();
      },
      ensure: (resource) => resource.bind(this.#session as Session).ensure(),
      find: (thing) => thing.find(this.#session),
    };
  }

  #bind<H>(resource: Creatable<H>): Created<H> {
    return resource.bind(this.#session as Session);
  }

  async #attempt<T>(
    name: string,
    kind: StepResult['kind'],
    fn: (again: boolean) => T | Promise<T>,
    began?: number,
  ): Promise<{ passed: boolean; value?: T }> {
    if (this.#abort.signal.aborted && this.#steps.isOver) throw new Ended();
    refuseUndeclared(this.#order.suite, name, kind);
    const taken = this.#taker.take({ name, kind, fn, began });
    this.#underway = taken;
    const { passed, value } = await taken;
    // After a deadline, a shutdown or a lost lock there is nothing to go on with, soft check or not.
    if (this.#abort.signal.aborted) this.#steps.isOver = true;
    if (this.#steps.isOver && kind === 'check') throw new Ended();
    return { passed, value };
  }

  #scope(): RunScope {
    const { id, suite, namespace } = this.#order;
    return {
      id,
      suite,
      namespace,
      signal: this.#abort.signal,
      measure: (measurement) => this.#steps.measure(measurement),
      note: (text) => this.#steps.note(text),
      waiting: (message) => this.#steps.waiting(message),
      observed: (probe) => this.#session?.observed({ ...probe, durationMs: toMicroseconds(probe.durationMs) }),
      abort: (reason) => this.#abort.abort(reason),
    };
  }

  #result(): RunResult {
    const { id, suite, namespace, trigger } = this.#order;
    const steps = withSkipped(this.#requirements.shown(this.#steps.results), suite.steps);
    const result: RunResult = {
      id,
      suite: suite.name,
      namespace,
      trigger,
      ...(this.#parts.cluster && { cluster: this.#parts.cluster() }),
      ...this.#requirements.verdict(judge(steps)),
      startedAt: this.#startedAt,
      finishedAt: new Date().toISOString(),
      durationMs: this.#judgedMs,
      steps,
      recovered: [...(this.#session?.recovered ?? [])],
      apiRequests: this.#session?.requests() ?? { total: 0, watches: 0, retries: 0 },
    };
    const diagnosis = result.status === 'passed' || result.unmet ? undefined : this.#parts.diagnose?.(result);
    return diagnosis ? { ...result, diagnosis } : result;
  }
}
