import { isIP } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Defect, throwFindings } from '../defects.ts';
import type { ProbeView } from '../model/evidence.ts';
import type { AnsweredRequest, AwaitOptions, HttpProbe, HttpTarget, Unanswered } from '../model/probing.ts';
import type { RunScope } from '../model/scope.ts';
import { createEdgeProbe } from './edge.ts';
import type { ProbeOptions } from './probe-options.ts';
import { addressText, createRequester, type Outcome, titleOf } from './request.ts';

/**
 * The first answer of a service is awaited in steps of `againMs`. The first attempt may take `firstAttemptMs`, one after an attempt that hung
 * twice as long, at most `longestAttemptMs`: a service that is slow is not one that does not answer.
 */
const againMs = 100;
const firstAttemptMs = 2_000;
const longestAttemptMs = 5_000;
/** What is awaited for minutes is asked less and less often. */
const longestPauseMs = 2_000;
const atOnce = 10;
/** How long kube-proxy may lead to pods that were just replaced; its own shortest interval between syncs is 1 s. */
const settleMs = 3_000;
/** A request that was led to a pod just gone hangs; while the service settles it is given up after that, and sent anew. */
const settlingAttemptMs = 1_000;

export type BoundHttpProbe = HttpProbe & { close(): Promise<void> };

/** Plain requests on a new connection each, since a kept one would hide what the service balances. */
export function createHttpProbe(scope: RunScope, options: ProbeOptions): BoundHttpProbe {
  const requester = createRequester(options);
  const answered: AnsweredRequest[] = [];
  let sent = 0;
  let waitedMs = 0;

  const request = async (target: HttpTarget, page: string, limitMs: number): Promise<Outcome> => {
    const userAgent = `kube-e2etests/${scope.id}-${++sent}`;
    const began = performance.now();
    const outcome = await requester.ask({ target, page, userAgent, limitMs }, scope.signal);
    const durationMs = performance.now() - began;
    // What was never sent says nothing of who was to be asked.
    if (outcome.result !== 'not_asked') scope.observed(observation(target, outcome, durationMs));
    if (!outcome.defect) {
      scope.measure({ kind: 'action', resource: target.resource, action: 'http_get', durationMs });
      answered.push({ target, userAgent });
    }
    return outcome;
  };

  /** The wait for a service's first answer is one chain for all ways to reach it: by address, then by name. */
  const firstAnswer = async (target: HttpTarget, page: string, firstMs: number): Promise<void> => {
    let attemptMs = firstMs;
    const asked = performance.now();
    const began = asked - waitedMs;
    for (;;) {
      const leftMs = options.eventTimeoutMs - (performance.now() - began);
      const outcome = await request(target, page, leftMs > 0 ? Math.min(leftMs, attemptMs) : attemptMs);
      waitedMs = performance.now() - began;
      // A wrong page is an answer: the requests that are counted will say so.
      if (!outcome.defect || !unanswered(outcome)) break;
      if (outcome.defect.finding.blame === 'us') throw outcome.defect;
      // A timer may fire a moment early: what is left must be worth another attempt, or one of full length would follow.
      if (options.eventTimeoutMs - waitedMs <= againMs) {
        scope.measure({ kind: 'http', resource: target.resource, result: outcome.result });
        throw neverAnswered(target, outcome.defect, waitedMs);
      }
      if (outcome.result === 'timeout') attemptMs = Math.min(2 * attemptMs, longestAttemptMs);
      scope.waiting(`the first answer of ${titleOf(target)}: ${outcome.defect.message}`);
      await pause(againMs, undefined, { signal: scope.signal });
    }
    scope.measure({ kind: 'action', resource: 'service', action: 'reachable', durationMs: performance.now() - asked });
  };

  const sendAll = (targets: readonly HttpTarget[], page: string, limitMs = options.eventTimeoutMs) =>
    inTurns(targets, (target) => request(target, page, limitMs));

  /** All of them again while some find nobody and the service may still settle; how long that was is a figure (action `settle`). */
  const sendSettling = async (targets: readonly HttpTarget[], page: string): Promise<Outcome[]> => {
    for (const began = performance.now(); ; ) {
      const durationMs = performance.now() - began;
      const mayRepeat = durationMs < settleMs;
      const outcomes = await sendAll(targets, page, mayRepeat ? settlingAttemptMs : options.eventTimeoutMs);
      const { length } = outcomes.filter(unanswered);
      if (length === 0 || !mayRepeat) {
        scope.measure({ kind: 'action', resource: 'service', action: 'settle', durationMs });
        return outcomes;
      }
      scope.note(`${length} requests found nobody while the service settled; all were sent again`);
      await pause(againMs, undefined, { signal: scope.signal });
    }
  };

  /** In turns: who is silent holds up nobody for longer than an attempt. */
  const awaitEach = async (
    targets: readonly HttpTarget[],
    page: string,
    { untilRight = false, patience = 1 }: AwaitOptions = {},
  ): Promise<readonly Unanswered[]> => {
    const began = performance.now();
    const mostMs = patience * options.eventTimeoutMs;
    const last = new Map<HttpTarget, Outcome>();
    let waiting = targets;
    let pauseMs = againMs;
    for (let attemptMs = settlingAttemptMs; ; attemptMs = Math.min(2 * attemptMs, longestAttemptMs)) {
      const leftMs = Math.max(1, mostMs - (performance.now() - began));
      // What is wrong until the end must be said by an answer, and not by a last attempt that had no time for one.
      const outcomes = await sendAll(waiting, page, untilRight ? attemptMs : Math.min(attemptMs, leftMs));
      const afterMs = performance.now() - began;
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.defect?.finding.blame === 'us') throw outcome.defect;
        const target = waiting[index] as HttpTarget;
        last.set(target, outcome);
        if (outcome.defect || untilRight) continue;
        scope.measure({ kind: 'action', resource: target.resource, action: 'reachable', durationMs: afterMs });
      }
      // A wrong page is an answer.
      const isOpen = (outcome: Outcome) => (untilRight ? outcome.defect !== undefined : unanswered(outcome));
      waiting = waiting.filter((target) => isOpen(last.get(target) as Outcome));
      if (waiting.length === 0 || mostMs - afterMs <= againMs) return notRight(targets, last, afterMs);
      scope.waiting(
        `the ${untilRight ? 'right' : 'first'} answer of ${waiting.length} of ${targets.length}: ${last.get(waiting[0] as HttpTarget)?.defect?.message}`,
      );
      await pause(Math.min(pauseMs, mostMs - afterMs - againMs), undefined, { signal: scope.signal });
      if (untilRight) pauseMs = Math.min(2 * pauseMs, longestPauseMs);
    }
  };

  const notRight = (targets: readonly HttpTarget[], last: ReadonlyMap<HttpTarget, Outcome>, afterMs: number) => {
    const outcomes = targets.map((target) => last.get(target) as Outcome);
    countAll(targets, outcomes, 'addresses');
    return targets.flatMap((target, index) => {
      const finding = outcomes[index]?.defect?.finding;
      return finding ? [{ target, code: finding.code, last: finding.message, afterMs }] : [];
    });
  };

  /** Every request of the last sending is counted. */
  const countAll = (targets: readonly HttpTarget[], outcomes: readonly Outcome[], what: string): void => {
    for (const [index, { result }] of outcomes.entries()) {
      if (result === 'not_asked') continue;
      scope.measure({ kind: 'http', resource: (targets[index] as HttpTarget).resource, result });
    }
    scope.note(`${outcomes.filter(({ defect }) => !defect).length} of ${targets.length} ${what} answered`);
  };

  return {
    answered,
    async requestEach(targets, page, { settling = false } = {}) {
      if (settling) return throwFindings((await awaitEach(targets, page)).map(silence));
      const outcomes = await sendAll(targets, page);
      countAll(targets, outcomes, 'pods');
      throwDefects(outcomes);
    },
    async requestService(target, times, page, { settling = false } = {}) {
      await firstAnswer(target, page, settling ? settlingAttemptMs : firstAttemptMs);
      const targets = Array.from({ length: times }, () => target);
      const outcomes = settling ? await sendSettling(targets, page) : await sendAll(targets, page);
      countAll(targets, outcomes, `requests to ${titleOf(target)}`);
      throwDefects(outcomes);
    },
    awaitEach,
    edge: createEdgeProbe(scope, options, request),
    close: () => requester.close(),
  };
}

function silence({ target: { object }, code, last, afterMs }: Unanswered): Defect {
  return new Defect(code, `${last}, asked again and again for ${(afterMs / 1000).toFixed(1)} s`, { object });
}

function neverAnswered(target: HttpTarget, last: Defect, afterMs: number): Defect {
  // What the name server said is the better finding than the time-out that follows from it.
  if (last.finding.code.startsWith('dns.')) return last;
  return new Defect(
    'timeout.waiting_on_endpoints',
    `${titleOf(target)} did not answer within ${(afterMs / 1000).toFixed(1)} s although its pods are ready: ${last.message}`,
    { object: target.object, cause: last },
  );
}

function observation(target: HttpTarget, { result, defect }: Outcome, durationMs: number): ProbeView {
  return {
    target: askedAs(target),
    to: addressText(target.host, target.port),
    ...(target.resource === 'pod' && { pod: target.object.name }),
    ...(target.node !== undefined && { node: target.node }),
    result,
    ...(defect && { detail: defect.message }),
    durationMs,
  };
}

function throwDefects(outcomes: readonly Outcome[]): void {
  throwFindings(outcomes.flatMap(({ defect }) => defect ?? []));
}

function askedAs({ resource, host }: HttpTarget): ProbeView['target'] {
  if (resource === 'pod') return 'pod';
  if (resource === 'node') return 'node-port';
  if (resource === 'ingress' || resource === 'httproute') return 'edge';
  return isIP(host) ? 'service-ip' : 'service-name';
}

function unanswered({ result }: Outcome): boolean {
  return result === 'connection_error' || result === 'timeout' || result === 'not_asked';
}

/** In the order of the items, at most `atOnce` side by side. */
async function inTurns<T, R>(items: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let index = 0; index < items.length; index += atOnce) {
    results.push(...(await Promise.all(items.slice(index, index + atOnce).map(each))));
  }
  return results;
}
