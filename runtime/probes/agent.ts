/** Agents on the nodes, asked from this process. */
import type { Dispatcher } from 'undici';
import { type AgentQuestion, type AgentReport, agentPort, paths } from '../../agent/contract.ts';
import { headers, isProven, signed } from '../../agent/signature.ts';
import { Defect } from '../defects.ts';
import { cellsOf } from '../mesh/cells.ts';
import { askRounds } from '../mesh/rounds.ts';
import type { Silence } from '../mesh/seen.ts';
import type { Member, MeshProbe } from '../model/mesh.ts';
import type { RunScope } from '../model/scope.ts';
import type { ProbeOptions } from './probe-options.ts';
import { dispatcherFor, networkError, originOf, ownTrouble, secondsText } from './request.ts';

/** Beyond what an agent has for its report: the way there and back. */
const wayMs = 2_000;
/** Figures of one run: those of a large cluster would be thousands. */
const mostMeasured = 100;

export type BoundMeshProbe = MeshProbe & { close(): Promise<void> };

export function createMeshProbe(scope: RunScope, options: ProbeOptions): BoundMeshProbe {
  let dispatcher: Dispatcher | undefined;

  const ask = async (key: string, member: Member, question: AgentQuestion): Promise<AgentReport | Silence> => {
    dispatcher ??= dispatcherFor(options.proxy);
    const began = performance.now();
    const { result, detail, report } = await answerOf(dispatcher, key, member, question, scope.signal, options);
    scope.observed({
      target: 'pod',
      to: `${member.host}:${agentPort}`,
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
        ask: (member, question) => ask(key, member, question),
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
    close: async () => dispatcher?.destroy(),
  };
}

interface Answer {
  readonly result: string;
  readonly detail?: string;
  readonly report?: AgentReport;
}

async function answerOf(
  dispatcher: Dispatcher,
  key: string,
  { node, host }: Member,
  question: AgentQuestion,
  signal: AbortSignal,
  options: ProbeOptions,
): Promise<Answer> {
  const body = JSON.stringify(question);
  const own = signed(key, { method: 'POST', path: paths.ask, body });
  const limitMs = question.withinMs + wayMs;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new DOMException('time is over', 'TimeoutError')), limitMs);
  const over = AbortSignal.any([limit.signal, signal]);
  try {
    const answer = await dispatcher.request({
      origin: originOf(host, agentPort),
      path: paths.ask,
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
    return { result: '200', report: JSON.parse(text) as AgentReport };
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
