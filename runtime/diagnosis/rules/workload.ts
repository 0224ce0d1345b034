/** What the container says of itself: its image, its configuration, its process. */
import type { ContainerView, PodView } from '../../model/evidence.ts';
import { count, distinct } from '../clues.ts';
import type { Clues, Rule } from '../rule.ts';
import { isBeingKilled, isRunning, overdueS } from './kubelets.ts';

const pulls = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable']);
const misconfigured = new Set([
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

interface Stuck {
  readonly pod: PodView;
  readonly container: ContainerView;
}

function stuck(clues: Clues, matches: (container: ContainerView) => boolean): readonly Stuck[] {
  return clues.standing.flatMap((pod) =>
    [...(pod.init ?? []), ...pod.containers].filter(matches).map((container) => ({ pod, container })),
  );
}

/** "The container", "The init container mesh-init", or by its name where there are several. */
function title({ pod, container }: Stuck): string {
  if (pod.init?.includes(container)) return `The init container ${container.name}`;
  return pod.containers.length > 1 ? `The container ${container.name}` : 'The container';
}

/** How it ended the time before tells more than that it is waited for to start again. */
function lastEnd({ last }: ContainerView): string {
  const said = [last?.reason, last?.exitCode !== undefined && `exit code ${last.exitCode}`].filter(Boolean).join(', ');
  return said ? `, ended before with ${said}` : '';
}

function unreadyTitle(pod: PodView): string {
  const container = pod.containers.find(({ ready }) => !ready);
  return container ? title({ pod, container }) : 'The container';
}

function isPulling(pod: PodView, { events }: Clues): boolean {
  const said = (reason: string) => events.some((event) => event.reason === reason && event.object.name === pod.name);
  return said('Pulling') && !said('Pulled');
}

/** A kubelet may see a pod before its ConfigMap: it says "not found", tries again, and the containers start. */
function waitsStill(name: string, { standing }: Clues): boolean {
  return standing.some((pod) => pod.name === name && !isRunning(pod));
}

export const workload: readonly Rule[] = [
  {
    name: 'setup/pull-refused',
    seen: 'the registry does not have the image that image_pull is to have pulled, or does not take the credentials',
    read: (clues) => {
      const found = clues.findings.find(({ code }) => code === 'pull.unauthorized' || code === 'pull.not_found');
      if (!found) return undefined;
      const what =
        found.code === 'pull.not_found'
          ? 'Name one that there is: PULL_IMAGE, or DOCKER_REGISTRY_HOST'
          : 'Give the pods credentials that it takes: IMAGE_PULL_SECRETS, or those of the nodes';
      return { component: 'setup', confidence: 'certain', sentence: `${found.message.replace(/\.$/, '')}. ${what}.` };
    },
  },
  {
    name: 'registry/pull-fails',
    seen: 'containers wait with ErrImagePull or ImagePullBackOff',
    read: (clues) => {
      const waiting = stuck(clues, ({ reason }) => pulls.has(reason ?? ''));
      const [first] = waiting;
      if (!first) return undefined;
      const nodes = distinct(waiting.map(({ pod }) => pod.node));
      const pulled = clues.events.find(({ reason, message }) => reason === 'Failed' && /pull/i.test(message));
      const why = pulled?.message ?? first.container.message ?? '';
      // A sidecar that somebody injects may be the one.
      const { image: asked } = first.pod;
      const image = first.container.image?.endsWith(asked) ? asked : first.container.image || asked;
      const registry = image.includes('/') ? image.split('/')[0] : undefined;
      // Others have pulled it: it may be this node's way there, or its disk.
      const elsewhere = clues.ready.some((pod) => pod.image === first.pod.image);
      return {
        component: 'registry',
        ...(registry?.match(/[.:]/) && { part: registry }),
        confidence: elsewhere ? 'likely' : 'certain',
        sentence: `The image ${image} cannot be pulled on ${nodes.join(', ')} (${count(waiting.length, 'pod')})${why ? `: ${why.replace(/\.$/, '')}` : ''}.`,
        command: `kubectl describe pod ${first.pod.name} -n ${clues.run.namespace}`,
      };
    },
  },
  {
    name: 'registry/pull-slow',
    seen: 'containers stay in ContainerCreating, the kubelet began to pull their image and has not pulled it',
    read: (clues) => {
      const pulling = clues.standing.filter(
        (pod) => pod.containers.some(({ reason }) => reason === 'ContainerCreating') && isPulling(pod, clues),
      );
      const [first] = pulling;
      if (!clues.waited || !first) return undefined;
      return {
        component: 'registry',
        confidence: 'likely',
        sentence: `The image ${first.image} is still being pulled on ${distinct(pulling.map(({ node }) => node)).join(', ')} (${count(pulling.length, 'pod')}): the registry, or the way to it, is slow.`,
        command: `kubectl describe pod ${first.name} -n ${clues.run.namespace}`,
      };
    },
  },
  {
    name: 'workload/crashes',
    seen: 'containers restart again and again: CrashLoopBackOff, or more than two restarts',
    read: (clues) => {
      const crashing = stuck(
        clues,
        ({ reason, restarts, ready }) => reason === 'CrashLoopBackOff' || (!ready && restarts > 2),
      );
      const ended = clues.waited
        ? stuck(clues, ({ state, exitCode }) => state === 'terminated' && exitCode !== undefined)
        : [];
      // An init container that has ended well has done what it is for.
      const early = ended.filter(({ pod, container }) => !(pod.init?.includes(container) && container.exitCode === 0));
      const [first] = [...crashing, ...early];
      if (!first) return undefined;
      const { pod, container } = first;
      const all = new Set([...crashing, ...early].map((one) => one.pod.name));
      return {
        component: 'workload',
        confidence: 'certain',
        sentence: `${title(first)} of ${count(all.size, 'pod')} ends as soon as it starts: ${container.reason ?? container.state}, ${count(container.restarts, 'restart')}${lastEnd(container)}${container.message ? ` (${container.message.replace(/\.$/, '')})` : ''}.`,
        command: `kubectl logs --previous ${pod.name} -c ${container.name} -n ${clues.run.namespace}`,
      };
    },
  },
  {
    name: 'workload/misconfigured',
    seen: 'containers wait with CreateContainerConfigError, CreateContainerError, RunContainerError or InvalidImageName, or a volume names what is not there',
    read: (clues) => {
      const [first] = stuck(clues, ({ reason }) => misconfigured.has(reason ?? ''));
      const unmounted = clues.waited
        ? clues.events.find(
            ({ reason, message, object }) =>
              reason === 'FailedMount' && /not found/.test(message) && waitsStill(object.name, clues),
          )
        : undefined;
      if (!first && !unmounted) return undefined;
      const said = first ? [first.container.reason, first.container.message] : [unmounted?.reason, unmounted?.message];
      return {
        component: 'workload',
        confidence: 'certain',
        sentence: `A container cannot be created: ${said.filter(Boolean).join(': ').replace(/\.$/, '')}.`,
        command: `kubectl describe pod ${first?.pod.name ?? unmounted?.object.name} -n ${clues.run.namespace}`,
      };
    },
  },
  {
    name: 'workload/init-never-ends',
    seen: 'an init container runs and does not end, so that the containers never begin',
    read: (clues) => {
      const waiting = clues.standing.flatMap((pod) =>
        (pod.init ?? []).filter(({ state }) => state === 'running').map((container) => ({ pod, container })),
      );
      const [first] = waiting;
      if (!clues.waited || !first) return undefined;
      const { pod, container } = first;
      return {
        component: 'workload',
        part: container.name,
        confidence: 'likely',
        sentence: `The init container ${container.name} of ${count(waiting.length, 'pod')} runs and does not end, and the containers wait for it.`,
        command: `kubectl logs ${pod.name} -c ${container.name} -n ${clues.run.namespace}`,
      };
    },
  },
  {
    name: 'workload/ignores-sigterm',
    seen: "a pod marked for deletion runs on within its grace period, after its kubelet's Killing event",
    read: (clues) => {
      const stubborn = clues.deleting.filter(
        (pod) => isBeingKilled(pod, clues) && isRunning(pod) && overdueS(pod, clues) === 0,
      );
      const [first] = stubborn;
      if (!clues.waited || !first) return undefined;
      return {
        component: 'workload',
        confidence: 'likely',
        sentence: `The process of ${count(stubborn.length, 'pod')} ignores SIGTERM: the kubelet has begun to stop it and waits for the end of the grace period of ${first.graceSeconds ?? 30} s.`,
        command: `kubectl describe pod ${first.name} -n ${clues.run.namespace}`,
      };
    },
  },
  {
    name: 'workload/never-ready',
    seen: 'containers run and are not Ready: the readiness probe fails',
    read: (clues) => {
      const unready = clues.standing.filter((pod) => isRunning(pod) && !clues.ready.includes(pod));
      const [first] = unready;
      if (!clues.waited || !first) return undefined;
      const said = clues.events.find(
        ({ reason, object }) => reason === 'Unhealthy' && unready.some(({ name }) => name === object.name),
      );
      return {
        component: 'workload',
        confidence: said ? 'certain' : 'likely',
        sentence: `${unreadyTitle(first)} of ${unready.length} of ${count(clues.standing.length, 'pod')} runs and is not Ready${said ? `: ${said.message.trim().replace(/\.$/, '')} (${count(said.count, 'time')})` : ''}.`,
        command: `kubectl describe pod ${first.name} -n ${clues.run.namespace}`,
      };
    },
  },
];
