/** What a node says of an image that it could not pull → whose answer that was. Pure. */
import type { CoreV1Event } from '@kubernetes/client-node';
import type { FindingCode } from '../../findings.ts';

type PullCode = Extract<FindingCode, `pull.${string}`>;

/**
 * In order: a registry that throttles may say so within a 401's words, and a name that does not resolve is "not found" by no registry. Source:
 * containerd, core/remotes/docker and remotes/errors; CRI-O and Docker have the registry's own words as well.
 */
const answers: readonly (readonly [RegExp, PullCode])[] = [
  [/\b429\b|too ?many ?requests|rate limit/i, 'pull.too_many_requests'],
  [
    /no such host|server misbehaving|connection refused|connection reset|i\/o timeout|deadline exceeded|no route to host|network is unreachable|x509|tls:|\bEOF\b|server gave HTTP response/i,
    'pull.unreachable',
  ],
  [
    /\b40[13]\b|unauthori[sz]ed|forbidden|authori[sz]ation failed|authentication required|access denied|no basic auth|\bdenied\b/i,
    'pull.unauthorized',
  ],
  [/\b404\b|not ?found|manifest unknown|name unknown|repository does not exist/i, 'pull.not_found'],
  [/\b5\d\d\b|internal server error|bad gateway|service unavailable/i, 'pull.registry_error'],
];

export function pullCode(words: string): PullCode {
  // What the image is called says nothing.
  const said = words.replaceAll(/"[^"]*"|https?:\/\/[^\s"]*[^\s":]/g, '…');
  return answers.find(([form]) => form.test(said))?.[1] ?? 'pull.failed';
}

/** Milliseconds of `Successfully pulled image "nginx" in 1.2s (1.3s including waiting)`; undefined: it does not say. */
export function pullMs(message: string): number | undefined {
  const [, took] = /^Successfully pulled image .* in ([\d.hmsuµn]+)/.exec(message) ?? [];
  if (took === undefined) return undefined;
  const units = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1, µs: 0.001, us: 0.001, ns: 1e-6 } as const;
  const parts = [...took.matchAll(/(\d+(?:\.\d+)?)(ms|µs|us|ns|h|m|s)/g)];
  if (parts.length === 0) return undefined;
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * units[unit as keyof typeof units], 0);
}

interface Pull {
  readonly node: string;
  readonly durationMs: number;
}

/** Of each pod the first: its container is made again and again, and each time its image is pulled. `nodes`: pod's uid → node. */
export function firstPulls(events: readonly CoreV1Event[], nodes: ReadonlyMap<string, string>): readonly Pull[] {
  const first = new Map<string, Pull>();
  const at = ({ firstTimestamp }: CoreV1Event) => Date.parse(String(firstTimestamp));
  for (const { involvedObject, message = '' } of events.toSorted((a, b) => at(a) - at(b))) {
    const { uid = '' } = involvedObject;
    const [node, durationMs] = [nodes.get(uid), pullMs(message)];
    if (node !== undefined && durationMs !== undefined && !first.has(uid)) first.set(uid, { node, durationMs });
  }
  return [...first.values()];
}
