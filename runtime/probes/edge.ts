/** What those who serve routes to the world answer: an ingress controller, a gateway. Whose answer it was decides the code. */
import { isIPv4 } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Defect } from '../defects.ts';
import type { FindingCode } from '../findings.ts';
import type { EdgeProbe, EdgeResource, HttpTarget } from '../model/probing.ts';
import type { RunScope } from '../model/scope.ts';
import type { ProbeOptions } from './probe-options.ts';
import { type Answer, type Outcome, titleOf } from './request.ts';

const againMs = 100;
/** What is awaited for minutes is asked less and less often. */
const longestPauseMs = 1_000;
const firstAttemptMs = 1_000;
const longestAttemptMs = 5_000;
/** So often in a row: of several that serve a route each learns of a change by itself. */
const enough = 6;

type Request = (target: HttpTarget, page: string, limitMs: number) => Promise<Outcome>;

export function createEdgeProbe(scope: RunScope, { eventTimeoutMs }: ProbeOptions, request: Request): EdgeProbe {
  const since = (began: number) => performance.now() - began;
  const isOver = (began: number) => eventTimeoutMs - since(began) <= againMs;
  const again = (ms = againMs) => pause(ms, undefined, { signal: scope.signal });
  const count = ({ resource }: HttpTarget, result: string) =>
    scope.measure({ kind: 'http', resource: resource as EdgeResource, result });

  /** Asks until `isEnd` is content with as many answers in a row; undefined: it was, in time. */
  const ask = async (targets: readonly HttpTarget[], page: string, inARow: number, isEnd: (o: Outcome) => boolean) => {
    const began = performance.now();
    let row = 0;
    let attemptMs = firstAttemptMs;
    let pauseMs = againMs;
    for (let turn = 0; ; turn++) {
      const target = targets[turn % targets.length] as HttpTarget;
      const outcome = await asked(target, page, attemptMs);
      row = isEnd(outcome) ? row + 1 : 0;
      if (row >= inARow || isOver(began)) return { target, outcome, isRight: row >= inARow, afterMs: since(began) };
      if (outcome.defect) scope.waiting(outcome.defect.message);
      await again(row > 0 ? againMs : pauseMs);
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      attemptMs = Math.min(2 * attemptMs, longestAttemptMs);
    }
  };

  /** Throws what says nothing of who was to be asked. */
  const asked = async (target: HttpTarget, page: string, limitMs: number): Promise<Outcome> => {
    const outcome = await request(target, page, limitMs);
    if (outcome.result === 'not_asked') throw outcome.defect;
    return outcome;
  };

  return {
    async answers(targets, pages) {
      let open = targets;
      for (const [path, page] of Object.entries(pages)) {
        const asked = open.map((target) => ({ ...target, path }));
        const { target, outcome, isRight, afterMs } = await ask(asked, page, 1, ({ defect }) => !defect);
        count(target, outcome.result);
        if (!isRight) throw wrong(target, outcome, `${(afterMs / 1000).toFixed(1)} s after it had its address`);
        scope.measure({ kind: 'action', resource: target.resource, action: 'reachable', durationMs: afterMs });
        open = [target];
      }
      return { ...(open[0] as HttpTarget), path: '/' };
    },

    async follows(target, { from, to }, change) {
      const lost: Outcome[] = [];
      let sent = 0;
      let last: Outcome = { result: '200' };
      let changedAt: number | undefined;
      let isMade = true;
      const making = change().then(
        () => {
          changedAt = performance.now();
        },
        (error) => {
          isMade = false;
          throw error;
        },
      );
      making.catch(() => {});
      for (let row = 0; isMade && row < enough; sent++) {
        last = await asked(target, to, longestAttemptMs);
        const isOld = last.answer?.status === 200 && last.answer.body === from;
        count(target, isOld ? '200' : last.result);
        if (last.defect && !isOld) lost.push(last);
        row = last.defect ? 0 : row + 1;
        if (changedAt !== undefined && isOver(changedAt)) break;
        await again();
      }
      await making;
      const tookMs = since(changedAt ?? performance.now());
      scope.note(`${sent - lost.length} of ${sent} requests had a page while the backend changed`);
      const words = `${(tookMs / 1000).toFixed(1)} s after its backend was changed`;
      if (last.defect && lost.includes(last)) throw wrong(target, last, words);
      if (last.defect) {
        const message = `${titleOf(target)} still serves the page of the old backend ${words}`;
        throw new Defect('edge.stale', message, { object: target.object });
      }
      scope.measure({ kind: 'action', resource: target.resource, action: 'update', durationMs: tookMs });
      if (lost.length === 0) return;
      const message = `${lost.length} of ${sent} requests were lost while the backend of ${titleOf(target)} changed: ${lost[0]?.defect?.message}`;
      throw new Defect('edge.lost_requests', message, { object: target.object });
    },

    async isUnserved(target, pages) {
      const isServed = ({ defect, answer }: Outcome) => !defect || (answer && pages.includes(answer.body));
      const { isRight, afterMs } = await ask([target], pages[0] ?? '', enough, (outcome) => !isServed(outcome));
      if (isRight) return;
      const message = `${titleOf(target)} is deleted, and ${(afterMs / 1000).toFixed(1)} s later its page is still served`;
      throw new Defect('edge.still_served', message, { object: target.object });
    },
  };
}

/** Who answered, and what that means. */
function wrong(target: HttpTarget, { result, defect, answer }: Outcome, when: string): Defect {
  const say = (code: FindingCode, why: string) =>
    new Defect(code, `${titleOf(target)}: ${why}, ${when}`, { object: target.object, cause: defect });
  if (answer) return say(...whatItMeans(answer));
  const why =
    result === 'timeout' ? 'nobody answers at its address' : `no connection to its address: ${defect?.message}`;
  if (isOurselves(target.host))
    return say('k8s.prerequisite_missing', `its address is this machine's own, ${target.host}, where ${why}`);
  // What the name server said of its address is the better finding than that nobody was reached.
  if (defect && !defect.finding.code.startsWith('http.')) return defect;
  return say('edge.unreachable', why);
}

function whatItMeans({ status, server, location, body }: Answer): [FindingCode, string] {
  const by = server ? ` (Server: ${server})` : '';
  if (status === 404) return ['edge.not_routed', `whoever answers there does not know its host: 404${by}`];
  // 500 is what the Gateway API wants where a service is not there.
  if (status >= 500 && status <= 504)
    return ['edge.no_backend', `whoever answers there does not reach its pods: ${status}${by}`];
  if (status >= 300 && status < 400)
    return ['k8s.prerequisite_missing', `plain HTTP is redirected to ${location ?? 'somewhere'}: ${status}${by}`];
  if (status === 401 || status === 403)
    return ['k8s.prerequisite_missing', `whoever answers there wants a login: ${status}${by}`];
  const shown = body.length > 80 ? `${body.slice(0, 79)}…` : body;
  return ['edge.wrong_page', `another page is served for its host: ${status}${by} ${JSON.stringify(shown)}`];
}

function isOurselves(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
