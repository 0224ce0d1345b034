/** The controllers of the controller manager, by what they have not done. */
import { count, failedRequest } from '../clues.ts';
import { type Converter, converterIn } from '../converter.ts';
import type { Answer, Clues, Rule } from '../rule.ts';

const logs = 'kubectl get pods -n kube-system -l component=kube-controller-manager';

const behind = (clues: Clues, part: string, sentence: string, confidence: 'certain' | 'likely' = 'certain') =>
  ({ component: 'controller-manager', part, confidence, sentence, command: commands[part]?.(clues) ?? logs }) as const;

const commands: Readonly<Record<string, (clues: Clues) => string>> = {
  deployment: ({ run, evidence }) =>
    `kubectl describe deployment ${evidence.deployment?.name ?? ''} -n ${run.namespace}`,
  replicaset: ({ run }) => `kubectl describe replicasets -n ${run.namespace}`,
  namespace: ({ evidence }) => `kubectl get namespace ${evidence.namespace?.name} -o yaml`,
};

/** A controller that has just done something is not the one that does nothing. */
function isAtWork({ events, isOverdue }: Clues): boolean {
  const deeds = ['ScalingReplicaSet', 'SuccessfulCreate', 'SuccessfulDelete'];
  return events.some(({ reason, lastSeen }) => deeds.includes(reason) && !isOverdue(lastSeen));
}

export const controllers: readonly Rule[] = [
  {
    name: 'controller-manager/deployment-not-observed',
    seen: "the deployment's observedGeneration is behind its generation when the wait ends",
    read: (clues) => {
      const { deployment } = clues.evidence;
      if (!clues.waited || !deployment || deployment.observedGeneration >= deployment.generation) return undefined;
      return behind(
        clues,
        'deployment',
        `The deployment controller has not looked at deployment/${deployment.name}: generation ${deployment.generation}, observed ${deployment.observedGeneration}, ${count(clues.evidence.replicaSets.length, 'replica set')}.`,
      );
    },
  },
  {
    name: 'controller-manager/garbage-left',
    seen: 'the deployment is gone, its pods or replica sets stand and nobody marks them for deletion',
    read: (clues) => {
      const { evidence, standing } = clues;
      // An owner that is there has been scaled.
      const unknown = evidence.deployment || evidence.objects?.length || failedRequest(evidence, 'list deployments');
      if (clues.first.code !== 'k8s.not_deleted' || unknown || standing.length === 0) return undefined;
      return behind(
        clues,
        'garbage-collector',
        `The deployment is gone, yet ${count(standing.length, 'pod')} of it still ${standing.length === 1 ? 'stands' : 'stand'} unmarked: the garbage collector does not work.`,
      );
    },
  },
  {
    name: 'controller-manager/replicaset-without-pods',
    seen: 'a replica set asks for more, or for fewer, pods than stand, and says nothing of a failure',
    read: (clues) => {
      if (!clues.waited || isAtWork(clues) || failedRequest(clues.evidence, 'list pods')) return undefined;
      for (const set of clues.evidence.replicaSets) {
        const own = clues.standing.filter(({ owner }) => owner === set.name);
        const going = clues.deleting.filter(({ owner }) => owner === set.name);
        const late = own.length < set.wanted && going.length === 0;
        if (late || own.length > set.wanted) {
          return behind(
            clues,
            'replicaset',
            `replicaset/${set.name} asks for ${count(set.wanted, 'pod')} and ${own.length} ${own.length === 1 ? 'stands' : 'stand'}, without a word of a failure: the replica set controller does not work.`,
          );
        }
      }
      return undefined;
    },
  },
  {
    name: 'controller-manager/orphaned-pods',
    seen: 'pods that no replica set owns stand beside the new ones after a rollout',
    read: (clues) => {
      const names = new Set(clues.evidence.replicaSets.map(({ name }) => name));
      const stray = clues.standing.filter(({ owner }) => !owner || !names.has(owner));
      if (!clues.waited || names.size === 0 || stray.length === 0) return undefined;
      if (failedRequest(clues.evidence, 'list replicasets')) return undefined;
      return behind(
        clues,
        'replicaset',
        `${count(stray.length, 'pod')} of an old template ${stray.length === 1 ? 'stands' : 'stand'} and no replica set owns ${stray.length === 1 ? 'it' : 'them'}: ${stray.map(({ name }) => name).join(', ')}.`,
        'likely',
      );
    },
  },
  {
    name: 'controller-manager/rollout-stuck',
    seen: 'every replica set has the pods it asks for, all Ready, and the deployment is not rolled out',
    read: (clues) => {
      const { deployment, replicaSets } = clues.evidence;
      if (!clues.waited || !deployment || clues.deleting.length > 0) return undefined;
      if (isAtWork(clues) || failedRequest(clues.evidence, 'list replicasets')) return undefined;
      const content = replicaSets.every(({ wanted, ready }) => wanted === ready);
      const asked = replicaSets.reduce((sum, { wanted }) => sum + wanted, 0);
      const { wanted, updated, replicas } = deployment;
      const isDone = updated >= wanted && replicas <= updated && asked === wanted;
      if (!content || isDone) return undefined;
      return behind(
        clues,
        'deployment',
        `The deployment controller does not go on: ${updated} of ${wanted} pods are updated and nothing is in its way, since the replica sets ask for ${asked} and all of those are Ready.`,
      );
    },
  },
  {
    name: 'controller-manager/namespace-stuck',
    seen: 'a namespace stays Terminating and carries no condition that says why',
    read: (clues) => {
      const { namespace } = clues.evidence;
      if (!clues.waited || namespace?.phase !== 'Terminating') return undefined;
      if (namespace.conditions.length > 0) return undefined;
      return behind(
        clues,
        'namespace',
        `namespace/${namespace.name} has been Terminating for ${clues.ageS(namespace.deletedAt)} s and carries no condition: the namespace controller has not looked at it.`,
      );
    },
  },
  {
    name: 'api-server/discovery',
    seen: 'a namespace stays Terminating because the discovery of an API fails',
    read: (clues) => {
      const failure = clues.evidence.namespace?.conditions.find(
        ({ type, status }) => type === 'NamespaceDeletionDiscoveryFailure' && status === 'True',
      );
      if (!clues.waited || !failure) return undefined;
      const converts = converterIn(failure.message ?? '');
      if (converts) return conversionDown(converts, failure.message ?? '');
      return {
        component: 'api-server',
        part: 'aggregated API',
        confidence: 'likely',
        sentence: `The namespace cannot be emptied since an API is not served: ${failure.message}.`,
        command: 'kubectl get apiservices',
      };
    },
  },
  {
    name: 'api-server/conversion',
    seen: 'a namespace stays Terminating because a conversion webhook does not answer, or another content cannot be deleted',
    read: (clues) => {
      const failure =
        saidBy(clues, 'NamespaceDeletionContentFailure') ??
        saidBy(clues, 'NamespaceDeletionGroupVersionParsingFailure');
      if (!clues.waited || !failure) return undefined;
      const converts = converterIn(failure);
      if (converts) return conversionDown(converts, failure);
      return {
        component: 'api-server',
        part: 'content of the namespace',
        confidence: 'possible',
        sentence: `The namespace cannot be emptied: ${failure.replace(/\.$/, '')}.`,
        command: `kubectl get namespace ${clues.evidence.namespace?.name} -o yaml`,
      };
    },
  },
  {
    name: 'setup/finalizers',
    seen: 'a namespace stays Terminating because of finalizers that nobody removes, of its content or of its own',
    read: (clues) => {
      const left = saidBy(clues, 'NamespaceFinalizersRemaining');
      if (!clues.waited || !left) return undefined;
      const [, finalizer] = /remaining: (\S+) in \d+ resource/.exec(left) ?? [];
      return {
        component: 'setup',
        part: finalizer ?? 'finalizers',
        confidence: 'likely',
        sentence: `The namespace waits for finalizers that nobody removes: ${[left, saidBy(clues, 'NamespaceContentRemaining')].filter(Boolean).join('; ').replace(/\.$/, '')}.`,
        command: `kubectl get namespace ${clues.evidence.namespace?.name} -o yaml`,
      };
    },
  },
  {
    name: 'controller-manager/namespace-content',
    seen: 'a namespace stays Terminating with content that is being deleted, or with a condition that no rule above knows',
    read: (clues) => {
      const { namespace } = clues.evidence;
      const content = saidBy(clues, 'NamespaceContentRemaining');
      const other = namespace?.conditions.find(({ status }) => status === 'True');
      if (!clues.waited || namespace?.phase !== 'Terminating' || !(content ?? other)) return undefined;
      return {
        component: content ? 'controller-manager' : 'unknown',
        part: 'namespace',
        confidence: 'possible',
        sentence: `namespace/${namespace.name} is not gone: ${(content ?? `${other?.type}: ${other?.message ?? other?.reason ?? ''}`).replace(/\.$/, '')}.`,
        command: `kubectl get namespace ${namespace.name} -o yaml`,
      };
    },
  },
];

function conversionDown({ kind, version, part, command }: Converter, message: string): Answer {
  return {
    component: 'admission',
    part,
    confidence: 'certain',
    sentence: `The namespace cannot be emptied since the conversion webhook for ${kind} of ${version} does not answer: ${message.replace(/\.$/, '')}.`,
    command,
  };
}

/** What a condition of the namespace that is true says. */
function saidBy({ evidence }: Clues, type: string): string | undefined {
  return evidence.namespace?.conditions.find((one) => one.type === type && one.status === 'True')?.message;
}
