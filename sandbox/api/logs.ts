/** The log subresource: the newest lines, some of them, or all to come. */
import { badRequest, cause, invalid, Refusal } from '../admission/status.ts';
import type { Cluster } from '../cluster.ts';
import type { Kubelets } from '../controllers/kubelet.ts';
import type { LogLine } from '../net/pod-log.ts';
import type { Pod } from '../store/objects.ts';
import type { Resource } from '../store/resources.ts';
import { requireObject } from './read.ts';
import { isOn, type ResourceRequest } from './request.ts';

const optionsResource = { kind: 'PodLogOptions', group: '', plural: 'pods' } as unknown as Resource;

/** As the kubelet says what a container waits for. */
const pullWords: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
};

export function logs(cluster: Cluster, kubelets: Kubelets, request: ResourceRequest): undefined {
  const { query, response } = request;
  const pod = requireObject(cluster, request) as Pod;
  const container = containerOf(pod, query.get('container'));
  const options = optionsOf(pod, query);
  const { name } = pod.metadata;
  const { state, lastState } = pod.status.containerStatuses?.find((status) => status.name === container) ?? {};
  if (isOn(query.get('previous')) && !lastState?.terminated) {
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  }
  if (pod.spec.nodeName && !lastState?.terminated && (!state || state.waiting)) {
    const reason = state?.waiting?.reason ?? 'ContainerCreating';
    const why = pullWords[reason] ?? reason;
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${why}`);
  }
  refuseFromDeadNode(cluster, pod, container);
  const log = kubelets.logOf(pod);
  if (!log) {
    response.writeHead(204).end();
    return;
  }
  const text = (line: LogLine) =>
    isOn(query.get('timestamps')) ? `${preciseInstant(line.at)} ${line.text}\n` : `${line.text}\n`;
  response.writeHead(200, { 'Content-Type': 'text/plain' });
  const hidden = hiddenBy(cluster);
  const lines = wanted(
    cluster,
    log.lines().filter((line) => !hidden(line)),
    options,
  )
    .map(text)
    .join('');
  const out = options.limitBytes === undefined ? lines : Buffer.from(lines).subarray(0, options.limitBytes);
  if (!isOn(query.get('follow'))) {
    response.end(out);
    return;
  }
  response.write(out);
  const stop = log.follow((line) => hiddenBy(cluster)(line) || response.write(text(line)));
  const watching = cluster.store.subscribe(({ type, object }) => {
    if (type === 'DELETED' && object.metadata.uid === pod.metadata.uid) response.end();
  });
  response.once('close', () => {
    stop();
    watching();
  });
}

/** The API server asks the node's kubelet for a log, and reports it as its own error when that does not answer. */
function refuseFromDeadNode({ faults }: Cluster, { metadata, spec, status }: Pod, container: string): void {
  if (!faults.hits('kubelet-down', spec.nodeName ?? '')) return;
  const kubelet = `${status.hostIP}:10250`;
  const path = `containerLogs/${metadata.namespace}/${metadata.name}/${container}`;
  throw new Refusal(
    500,
    'InternalError',
    `Get "https://${kubelet}/${path}": dial tcp ${kubelet}: connect: connection refused`,
  );
}

/** The faults logs-empty and logs-stale. */
function hiddenBy({ faults }: Cluster): (line: LogLine) => boolean {
  if (faults.on('logs-empty')) return () => true;
  if (faults.on('logs-stale')) return (line) => line.at > faults.since('logs-stale') && !line.text.includes('[notice]');
  return () => false;
}

interface LogOptions {
  tailLines: number | undefined;
  limitBytes: number | undefined;
  sinceSeconds: number | undefined;
  /** Milliseconds since the epoch. */
  sinceTime: number | undefined;
}

/** Throws 400 for what is no number or time, 422 for a number that makes no sense. */
function optionsOf({ metadata: { name } }: Pod, query: URLSearchParams): LogOptions {
  const number = (field: string, least: 0 | 1): number | undefined => {
    const text = query.get(field);
    if (text === null) return undefined;
    if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
    if (Number(text) >= least) return Number(text);
    const words = least === 0 ? 'must be greater than or equal to 0' : 'must be greater than 0';
    throw invalid(optionsResource, name, [cause.invalid(field, Number(text), words)]);
  };
  const time = query.get('sinceTime');
  const sinceTime = time === null ? undefined : Date.parse(time);
  if (Number.isNaN(sinceTime)) throw badRequest(`parsing time "${time}" as "2006-01-02T15:04:05Z07:00": cannot parse`);
  return {
    tailLines: number('tailLines', 0),
    limitBytes: number('limitBytes', 1),
    sinceSeconds: number('sinceSeconds', 1),
    sinceTime,
  };
}

function wanted({ now }: Cluster, lines: readonly LogLine[], options: LogOptions): readonly LogLine[] {
  const { tailLines, sinceSeconds, sinceTime = 0 } = options;
  const since = sinceSeconds === undefined ? sinceTime : now() - sinceSeconds * 1000;
  const recent = lines.filter((line) => line.at >= since);
  return tailLines === undefined ? recent : recent.slice(Math.max(0, recent.length - tailLines));
}

function containerOf({ spec, metadata }: Pod, asked: string | null): string {
  const names = spec.containers.map(({ name }) => name);
  if (asked) {
    if (names.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`);
  }
  if (names.length === 1) return names[0]!;
  throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]`);
}

const preciseInstant = (ms: number) => `${new Date(ms).toISOString().slice(0, -1)}000000Z`;
