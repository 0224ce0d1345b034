import { Defect } from '../../defects.ts';
import type { PodView } from '../../model/evidence.ts';
import { type ApiFailure, defectOf } from '../client/errors.ts';
import type { ClusterView } from './cluster-view.ts';
import { pods as podKind } from './pod.ts';

const newestLines = 1_000;

/** Name → the newest 1,000 log lines of each pod; one request per pod. Raises k8s.log_incorrect where a node cannot give them, api.*. */
export async function readLogs(
  session: ClusterView,
  pods: readonly PodView[],
  container?: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { namespace, api } = session;
  const of = { name: 'log', query: { container, tailLines: newestLines } };
  const read = async ({ name, node }: PodView) => {
    const request = `read log of pod/${name}`;
    const onFailure = (failure: ApiFailure): string => {
      if (!isOfKubelet(failure)) throw defectOf(failure, request, 0);
      throw new Defect('k8s.log_incorrect', `The log of pod/${name} cannot be read from ${node}: ${failure.message}`, {
        object: { kind: 'pod', name, namespace },
      });
    };
    const text = await session.call<string>(
      request,
      (signal) => api.text(podKind, { namespace, name }, of, signal),
      onFailure,
      isOfKubelet,
    );
    return [name, text.split('\n').filter(Boolean)] as const;
  };
  return new Map(await Promise.all(pods.map(read)));
}

/** A finding for each pod whose log has no such line. Raises what readLogs raises. */
export async function withoutLine(
  view: ClusterView,
  pods: readonly PodView[],
  container: string,
  line: string,
): Promise<readonly Defect[]> {
  const logs = await readLogs(view, pods, container);
  const wrong = [...logs].filter(([, lines]) => !lines.some((one) => one.includes(line)));
  return wrong.map(([name, lines]) => {
    const object = { kind: 'pod', name, namespace: view.namespace };
    return new Defect('k8s.log_incorrect', `The log of pod/${name} lacks "${line}"; it has ${lines.length} lines`, {
      object,
    });
  });
}

/** The API server passes a log request on to the node: what it then reports is about the kubelet there, not about itself. */
function isOfKubelet({ message }: ApiFailure): boolean {
  return /containerLogs|:10250/.test(message);
}
