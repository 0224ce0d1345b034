/** Agents on the nodes, asked from this process. */
import type { Dispatcher } from 'undici';
import { type AgentReport, agentPort, type NamesReport, paths } from '../../agent/contract.ts';
import { headers, isProven, signed } from '../../agent/signature.ts';
import { Defect } from '../defects.ts';
import { cellsOf, nameCells } from '../mesh/cells.ts';
import { askForNames } from '../mesh/name-rounds.ts';
import { namesOf } from '../mesh/names.ts';
import { askRounds } from '../mesh/rounds.ts';
import type { Silence } from '../mesh/seen.ts';
import type { Member, MeshProbe } from '../model/mesh.ts';
import type { RunScope } from '../model/scope.ts';
import type { ProbeOptions } from './probe-options.ts';
import { addressText, dispatcherFor, networkError, originOf, ownTrouble, secondsText } from './request.ts';

/** Beyond what an agent has for its report: the way there and back. */
const wayMs = 2_000;
/** Figures of one run: those of a large cluster would be thousands. */
const mostMeasured = 100;

export type BoundMeshProbe = MeshProbe & { close(): Promise<void> };

export function createMeshProbe(scope: RunScope, options: ProbeOptions): BoundMeshProbe {
  let dispatcher: Dispatcher | undefined;

  const ask = async <T>(key: string, member: Member, question: Question): Promise<T | Silence> => {
    dispatcher ??= dispatcherFor(options.proxy);
    const began = performance.now();
    const { result, detail, report } = await answerOf<T>(dispatcher, key, member, question, scope.signal, options);
    scope.observed({
      target: 'pod',
      to: addressText(member.host, agentPort),
      pod: member.pod,
      node: member.node,
      result,
      ...(detail && { detail }),
      durationMs: performance.now() - began,
    });
    return report ?? { why: detail ?? result };
  };

  return {
    async ask({ key, members }, service) {
      const { eventTimeoutMs } = options;
      const { signal } = scope;
      const waiting = (message: string) => scope.waiting(message);
      const rounds = await askRounds(members, service.host, {
        ask: (member, question) => ask<AgentReport>(key, member, { path: paths.ask, ...question }),
        ...{ eventTimeoutMs, signal, waiting },
      });
      const { seen, troubles } = rounds;
      for (const cell of cellsOf(seen, troubles)) scope.observed(cell);
      for (const { best } of seen.ways.slice(0, mostMeasured)) {
        const result = best.answered > 0 ? '200' : best.why === 'timeout' ? 'timeout' : 'connection_error';
        scope.measure({ kind: 'http', resource: 'node', result });
        if (result === '200')
          scope.measure({ kind: 'action', resource: 'node', action: 'http_get', durationMs: best.ms });
      }
      scope.note(wordsOf(members.length, seen.ways.length, seen.reports));
      return rounds;
    },
    async resolve({ key, members }, { host }) {
      const { eventTimeoutMs, externalName } = options;
      const { signal } = scope;
      const rounds = await askForNames(members, namesOf(host, members, externalName), {
        ask: (member, question) => ask<NamesReport>(key, member, { path: paths.names, ...question }),
        ...{ eventTimeoutMs, signal, waiting: (message: string) => scope.waiting(message) },
      });
      for (const cell of nameCells(rounds.seen)) scope.observed(cell);
      const { looks, wanted, misses } = rounds.seen;
      const slowest = Math.max(0, ...[...looks.values()].flat().map(({ ms }) => ms));
      const resolved = looks.size * wanted.length - misses.length;
      scope.note(
        `${looks.size} of ${members.length} agents have resolved ${resolved} of ${looks.size * wanted.length} names; ${slowest} ms at most`,
      );
      return rounds;
    },
    close: async () => dispatcher?.destroy(),
  };
}

type Question = { readonly path: string; readonly withinMs: number };

interface Answer<T> {
  readonly result: string;
  readonly detail?: string;
  readonly report?: T;
}

async function answerOf<T>(
  dispatcher: Dispatcher,
  key: string,
  { node, host }: Member,
  { path, ...question }: Question,
  signal: AbortSignal,
  options: ProbeOptions,
): Promise<Answer<T>> {
  const body = JSON.stringify(question);
  const own = signed(key, { method: 'POST', path, body });
  const limitMs = question.withinMs + wayMs;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new DOMException('time is over', 'TimeoutError')), limitMs);
  const over = AbortSignal.any([limit.signal, signal]);
  try {
    const answer = await dispatcher.request({
      origin: originOf(host, agentPort),
      path,
      method: 'POST',
      headers: { ...own, 'user-agent': 'kube-e2etests' },
      body,
      signal: over,
      reset: true,
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) return { result: String(answer.statusCode), detail: `status ${answer.statusCode}` };
    if (!isProven(key, own[headers.once] ?? '', text, answer.headers[headers.proof]))
      return { result: 'wrong_response', detail: 'the answer is none of an agent of this run' };
    return { result: '200', report: JSON.parse(text) as T };
  } catch (error) {
    signal.throwIfAborted();
    if (limit.signal.aborted) return { result: 'timeout', detail: `no answer within ${secondsText(limitMs)}` };
    const ours = ownTrouble(error, options);
    if (ours) throw new Defect('k8s.prerequisite_missing', `The agent on ${node} was not asked: ${ours}`);
    return { result: 'connection_error', detail: networkError(error) };
  } finally {
    clearTimeout(timer);
  }
}

function wordsOf(members: number, ways: number, reports: readonly AgentReport[]): string {
  const slowest = (times: readonly number[]) => (times.length > 0 ? `${Math.max(...times)} ms at most` : 'not asked');
  const services = slowest(reports.map(({ service }) => service.ms));
  const names = slowest(reports.map(({ dns }) => dns.ms));
  return `${reports.length} of ${members} agents have reported on ${ways} ways between nodes; service ${services}, DNS ${names}`;
}
