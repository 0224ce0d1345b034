/** Running containers: their listeners, their readiness, their end. */
import { randomBytes } from 'node:crypto';
import type { Cluster } from '../cluster.ts';
import { startAgent } from '../net/agent.ts';
import { respond, type Site, startNginx } from '../net/nginx.ts';
import type { WebServer } from '../net/web-server.ts';
import type { Container, ContainerState, Pod } from '../store/objects.ts';
import { instant } from '../store/store.ts';
import { agentImage, findImage } from './images.ts';
import type { ContainerFacts } from './pod-status.ts';
import { type Program, programOf } from './program.ts';
import type { Kubelet, PodWorker } from './worker.ts';

interface Running {
  readonly container: Container;
  readonly id: string;
  readonly startedAt: string;
  readonly site: Site;
  ready: boolean;
}

export function startContainers(kubelet: Kubelet, worker: PodWorker, pod: Pod): void {
  if (worker.stopping) return;
  const { cluster } = kubelet;
  const startedAt = instant(cluster.now());
  const running = pod.spec.containers.map((container): Running => {
    const id = `containerd://${randomBytes(32).toString('hex')}`;
    const site = createSite(kubelet, worker, pod, container);
    return { container, id, startedAt, site, ready: false };
  });
  for (const { container } of running) {
    kubelet.recordEvent(pod, 'Normal', 'Created', `Created container: ${container.name}`, container.name);
    kubelet.recordEvent(pod, 'Normal', 'Started', `Started container ${container.name}`, container.name);
  }
  if (cluster.faults.on('crash-loop')) {
    crash(kubelet, worker, pod, running);
    return;
  }
  if (pod.spec.containers.some(hasNoProgram)) {
    crash(kubelet, worker, pod, running, { exitCode: 128, reason: 'StartError' });
    return;
  }

  const programs = running.map(({ container }) => programOf(container));
  if (programs.every((program) => program !== undefined)) {
    runToEnd(kubelet, worker, pod, running, programs);
    return;
  }

  const servers: WebServer[] = [];
  let closed = false;
  worker.run = {
    close: () => {
      closed = true;
      for (const server of servers.splice(0)) server.close();
    },
    terminated: () => running.map((one) => ended(one, cluster, 0, 'Completed', worker.restarts)),
  };
  const report = () =>
    kubelet.report(
      worker,
      running.map((one) => factsOf(one, worker.restarts)),
    );
  const serve = (): void => {
    if (closed) {
      worker.run?.close();
      return;
    }
    for (const { site, container } of running) {
      if (isAgent(container)) continue;
      site.log(
        `${instant(cluster.now()).replace(/-/g, '/').replace('T', ' ').slice(0, 19)} [notice] 1#1: nginx/${site.version}`,
      );
    }
    for (const one of running) one.ready = !one.container.readinessProbe && !cluster.faults.on('readiness-never');
    report();
    for (const one of running) if (!one.ready) probe(kubelet, worker, one, report);
  };
  openPorts(kubelet, worker, running, servers).then(serve).catch(cluster.failed);
}

/** Of pods that are not restarted. */
function runToEnd(
  kubelet: Kubelet,
  worker: PodWorker,
  pod: Pod,
  running: readonly Running[],
  programs: readonly Program[],
): void {
  const { cluster } = kubelet;
  const now = running.map((one) => factsOf({ ...one, ready: true }, worker.restarts));
  kubelet.report(worker, now);
  worker.run = { close: () => {}, terminated: () => running.map((one) => ended(one, cluster, 137, 'Error', 0)) };
  kubelet.later(worker, cluster.timing.containerStopMs, () => {
    if (worker.stopping) return;
    const ends = programs.map((program, at) => program(kubelet.volumes.disk(pod, running[at]!.container)));
    if (!cluster.faults.on('logs-empty')) for (const line of ends.flatMap(({ lines }) => lines)) worker.log.write(line);
    const last = running.map((one, index) => {
      const { exitCode } = ends[index]!;
      return ended(one, cluster, exitCode, exitCode === 0 ? 'Completed' : 'Error', worker.restarts);
    });
    worker.run = { close: () => {}, terminated: () => last };
    kubelet.report(worker, last);
  });
}

async function openPorts(
  kubelet: Kubelet,
  worker: PodWorker,
  running: readonly Running[],
  servers: WebServer[],
): Promise<void> {
  for (const { container, site } of running) {
    for (const { containerPort } of container.ports ?? []) {
      const server = isAgent(container)
        ? await startAgent(
            kubelet.cluster,
            kubelet.network,
            { node: worker.node, namespace: worker.at.namespace ?? '' },
            container,
          )
        : await startNginx(site, containerPort);
      servers.push(server);
      kubelet.network.expose(worker.ip, containerPort, server.port);
    }
  }
}

/** The files are those of the start until the kubelet syncs its volumes. */
function createSite({ cluster, volumes }: Kubelet, worker: PodWorker, pod: Pod, container: Container): Site {
  const wrong = (files: ReadonlyMap<string, string>) =>
    new Map([...files].map(([path, content]) => [path, path.endsWith('.html') ? 'This is another page.\n' : content]));
  let files = volumes.files(pod, container);
  let readAt = cluster.now();
  return {
    version: findImage(container.image)!.version,
    now: cluster.now,
    log: (line) => worker.log.write(line),
    files: () => {
      if (cluster.now() - readAt > cluster.timing.volumeSyncMs || readAt <= worker.touchedAt) {
        files = volumes.files(pod, container);
        readAt = cluster.now();
      }
      return cluster.faults.on('wrong-content') ? wrong(files) : files;
    },
  };
}

/** Asks until it is ready; from then on it stays so. */
function probe(kubelet: Kubelet, worker: PodWorker, one: Running, report: () => void): void {
  const { faults, timing } = kubelet.cluster;
  const {
    initialDelaySeconds = 0,
    periodSeconds = 10,
    httpGet,
  } = one.container.readinessProbe ?? { periodSeconds: 0.1 };
  const ask = (pod: Pod): void => {
    if (worker.stopping) return;
    const code = httpGet && !isAgent(one.container) ? respond(one.site, httpGet.path ?? '/').code : 200;
    one.ready = !faults.on('readiness-never') && code < 400;
    report();
    if (one.ready) return;
    const why = faults.on('readiness-never') ? 'connection refused' : `HTTP probe failed with statuscode: ${code}`;
    kubelet.recordEvent(pod, 'Warning', 'Unhealthy', `Readiness probe failed: ${why}`, one.container.name);
    kubelet.later(worker, periodSeconds * 1000, ask);
  };
  kubelet.later(worker, Math.max(initialDelaySeconds * 1000, timing.reconcileMs), ask);
}

/** A command that its image does not have. */
function hasNoProgram(container: Container): boolean {
  const [program = 'nginx'] = (container.command as readonly string[] | undefined) ?? [];
  return !isAgent(container) && !['nginx', 'sh'].includes(program);
}

function crash(
  kubelet: Kubelet,
  worker: PodWorker,
  pod: Pod,
  running: readonly Running[],
  { exitCode, reason } = { exitCode: 1, reason: 'Error' },
): void {
  const { cluster } = kubelet;
  const last = running.map((one) => ended(one, cluster, exitCode, reason, worker.restarts));
  kubelet.report(worker, last);
  worker.lastStates = last.map(({ state }) => state);
  worker.log.write('nginx: [emerg] the sandbox lets this container crash');
  worker.restarts += 1;
  for (const { name } of pod.spec.containers) {
    kubelet.recordEvent(
      pod,
      'Warning',
      'BackOff',
      `Back-off restarting failed container ${name} in pod ${pod.metadata.name}`,
      name,
    );
  }
  const message = `back-off 10s restarting failed container=${pod.spec.containers[0]!.name} pod=${pod.metadata.name}_${pod.metadata.namespace}`;
  const state: ContainerState = { waiting: { reason: 'CrashLoopBackOff', message } };
  kubelet.later(worker, cluster.timing.reconcileMs, () =>
    kubelet.report(
      worker,
      last.map((fact) => ({ ...fact, state, restarts: worker.restarts })),
    ),
  );
  kubelet.later(worker, cluster.timing.backOffMs * 2, (latest) => startContainers(kubelet, worker, latest));
}

function isAgent({ image }: Container): boolean {
  return image === agentImage;
}

function factsOf({ id, ready, startedAt }: Running, restarts: number): ContainerFacts {
  return { state: { running: { startedAt } }, ready, id, restarts };
}

function ended(
  { id, startedAt }: Running,
  cluster: Cluster,
  exitCode: number,
  reason: string,
  restarts: number,
): ContainerFacts {
  const finishedAt = instant(cluster.now());
  return {
    state: { terminated: { exitCode, reason, startedAt, finishedAt, containerID: id } },
    ready: false,
    id,
    restarts,
  };
}
