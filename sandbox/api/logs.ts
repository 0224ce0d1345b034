/** The log subresource: the newest lines, some of them, or all to come. */
import { badRequest, cause, invalid, Refusal } from '../admission/status.ts';
import type { Cluster } from '../cluster.ts';
import type { Kubelets } from '../controllers/kubelet.ts';
import type { LogLine } from '../net/pod-log.ts';
import type { Pod } from '../store/objects.ts';
import { resourceOf } from '../store/resources.ts';
import { requireObject } from './read.ts';
import { isOn, type ResourceRequest } from './request.ts';

export function logs(cluster: Cluster, kubelets: Kubelets, request: ResourceRequest): undefined {
  const { query, response } = request;
  const pod = requireObject(cluster, request) as Pod;
  const container = containerOf(pod, query.get('container'));
  const { name } = pod.metadata;
  requireCounts(pod, query);
  const { state, lastState } = pod.status.containerStatuses?.find((status) => status.name === container) ?? {};
  if (isOn(query.get('previous')) && !lastState?.terminated) {
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  }
  // One that waits to be started again still has the log of the last time.
  if (pod.spec.nodeName && (!state || state.waiting) && !lastState?.terminated) {
    const reason = state?.waiting?.reason ?? 'ContainerCreating';
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${waits[reason] ?? reason}`);
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
    query,
  )
    .map(text)
    .join('');
  const limit = Number(query.get('limitBytes') ?? 0);
  const out = limit > 0 ? Buffer.from(lines).subarray(0, limit) : lines;
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

/** Source: kubelet's validateContainerLogStatus. */
const waits: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
};

function requireCounts({ metadata: { name } }: Pod, query: URLSearchParams): void {
  const least = { tailLines: 0, limitBytes: 1, sinceSeconds: 1 };
  const causes = Object.entries(least).flatMap(([field, from]) => {
    const value = query.get(field);
    if (value === null || (Number.isInteger(Number(value)) && Number(value) >= from)) return [];
    return [cause.invalid(field, value, `must be a whole number of at least ${from}`)];
  });
  if (causes.length > 0) throw invalid(resourceOf('pods'), name, causes);
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

function wanted({ now }: Cluster, lines: readonly LogLine[], query: URLSearchParams): readonly LogLine[] {
  const seconds = query.get('sinceSeconds');
  const since = seconds ? now() - Number(seconds) * 1000 : Date.parse(query.get('sinceTime') ?? '') || 0;
  const recent = lines.filter((line) => line.at >= since);
  const tail = query.get('tailLines');
  return tail === null ? recent : Number(tail) === 0 ? [] : recent.slice(-Number(tail));
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
