import type { Clues, Rule } from '../rule.ts';

const codes = new Set<string>([
  'api.max_retries_exceeded',
  'api.too_many_requests',
  'api.internal_server_error',
  'api.bad_gateway',
  'api.service_unavailable',
  'api.gateway_timeout',
  'api.gone',
]);

export const apiServer: readonly Rule[] = [
  {
    name: 'api-server/does-not-serve',
    seen: 'the first thing that went wrong is a request without an answer, or with 5xx or 429 until the deadline',
    read: (clues) => {
      if (!codes.has(clues.first.code)) return undefined;
      const { api } = clues.evidence;
      const bad = api.filter(({ status }) => status === 'no answer' || status === 429 || status >= 500);
      const says = clues.evidence.objects?.find(({ kind }) => kind === 'apiserver')?.state;
      const etcd = /etcdserver|etcd cluster|not ready:.*\betcd\b/.test(
        [clues.first.message, ...bad.map((one) => one.message), says].join(' '),
      );
      // Its reads are answered: a write that hangs may hang in what looks at it.
      if (clues.first.code === 'api.max_retries_exceeded' && bad.length === 1 && clues.evidence.nodes.length > 0) {
        return {
          component: 'api-server',
          confidence: 'possible',
          sentence: `A request to the API server is not answered while others are: ${clues.first.message}. An admission webhook that is slow, or etcd, may hold it up.`,
          command: 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations',
        };
      }
      return {
        component: 'api-server',
        ...(etcd && { part: 'etcd' }),
        confidence: bad.length > 1 || clues.first.code === 'api.max_retries_exceeded' ? 'certain' : 'likely',
        sentence: `The API server is not responding: ${clues.first.message}${tally(bad)}.`,
        command: "kubectl get --raw '/readyz?verbose'",
      };
    },
  },
];

function tally(bad: Clues['evidence']['api']): string {
  if (bad.length < 2) return '';
  const kinds = Map.groupBy(bad, ({ status }) => String(status));
  return ` (of the newest requests: ${[...kinds].map(([status, all]) => `${all.length} × ${status}`).join(', ')})`;
}
