/** What was refused, and by whom: quota, admission, RBAC, or what is not set up. */
import { type Refusal, type Refuser, refusalIn } from '../../blame/refusals.ts';
import { converterIn } from '../converter.ts';
import type { Answer, Clues, Rule } from '../rule.ts';

/** Of the deployment's Progressing condition, and of an event. Source: deployment controller, getNewReplicaSet. */
const cannotMakeSets = 'ReplicaSetCreateError';

const listWebhooks = 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations';

/** A rule for what one of these says, on our request or to a controller. The catalogue is refusals.ts. */
function refusedBy(
  by: readonly Refuser[],
  { name, seen, answer }: Pick<Rule, 'name' | 'seen'> & { answer(said: Refusal, clues: Clues): Answer },
): Rule {
  return {
    name,
    seen,
    read(clues) {
      const said = refusalsIn(clues).find((refusal) => by.includes(refusal.by));
      return said && answer(said, clues);
    },
  };
}

export const access: readonly Rule[] = [
  refusedBy(['quota'], {
    name: 'quota/exceeded',
    seen: '403 "exceeded quota" on our request, or from the replica set controller (ReplicaFailure, FailedCreate)',
    answer: ({ name, words }, { run }) => ({
      component: 'quota',
      part: name,
      confidence: 'certain',
      sentence: `The quota ${name} of namespace ${run.namespace} is used up: ${words}.`,
      command: `kubectl describe resourcequota -n ${run.namespace}`,
    }),
  }),
  refusedBy(['limits'], {
    name: 'quota/asks-for-more',
    seen: '"failed quota: … must specify", or a LimitRange\'s minimum, maximum or ratio, on our request or the replica set controller\'s',
    answer: ({ name, words }, { run }) => ({
      component: 'quota',
      part: name || 'LimitRange',
      confidence: 'certain',
      sentence: `The requests and limits of the test pods break the rules of namespace ${run.namespace}: ${words}.`,
      command: `kubectl describe resourcequota,limitrange -n ${run.namespace}`,
    }),
  }),
  refusedBy(['dead-webhook'], {
    name: 'admission/webhook-dead',
    seen: '"failed calling webhook" on our request, or from the replica set controller',
    answer: ({ name, words }) => {
      const converter = converterIn(words);
      const [who, does] = converter ? [converter.part, 'convert'] : [`admission webhook ${name}`, 'look at'];
      return {
        component: 'admission',
        part: converter?.part ?? name,
        confidence: 'certain',
        sentence: `The ${who} does not answer and blocks what it should ${does}: ${words}.`,
        command: converter?.command ?? listWebhooks,
      };
    },
  }),
  refusedBy(['webhook', 'policy', 'pod-security'], {
    name: 'admission/denied',
    seen: '"denied the request" with any status, a ValidatingAdmissionPolicy, "violates PodSecurity" or a PodSecurityPolicy, on our request or the replica set controller\'s',
    answer: (said, clues) => ({
      component: 'admission',
      part: said.name || 'PodSecurityPolicy',
      confidence: 'certain',
      sentence: `Admission refuses the objects of the suite: ${said.words}.`,
      command: commandFor(said, clues),
    }),
  }),
  {
    name: 'rbac/forbidden',
    seen: '403 "User … cannot … resource …" on our request',
    read({ first, run }) {
      const said = refusalIn(first.message);
      if (said?.by !== 'rbac') return undefined;
      return {
        component: 'rbac',
        part: said.name,
        confidence: 'certain',
        sentence: `RBAC does not let ${said.user} ${said.verb} ${said.name} in namespace ${run.namespace}.`,
        command: `kubectl auth can-i --list --as=${said.user} -n ${run.namespace}`,
      };
    },
  },
  refusedBy(['no-service-account'], {
    name: 'controller-manager/no-service-account',
    seen: 'pods cannot be made because the namespace has no default service account',
    answer: ({ name }, { run }) => ({
      component: 'controller-manager',
      part: 'serviceaccount',
      confidence: 'likely',
      sentence: `The service account ${name || 'default'} ${name ? 'does not exist' : 'has no token'}. Without it no pod can be created.`,
      command: `kubectl get serviceaccounts -n ${run.namespace}`,
    }),
  }),
  refusedBy(['plugin', 'validation', 'rbac'], {
    name: 'admission/refused',
    seen: '"… is forbidden: …" or "… is invalid: …" on our request, or to a controller, by a plugin that no rule above knows',
    answer: ({ words }, { run, first }) => ({
      component: 'admission',
      confidence: 'likely',
      sentence: `The setup of the cluster refuses ${refusalIn(first.message) ? 'the objects of the suite' : 'the pods of the controllers'}: ${words}.`,
      command: `kubectl describe namespace ${run.namespace}`,
    }),
  }),
  {
    name: 'admission/refuses-pods',
    seen: 'the controller says that it may not make pods or replica sets, in words that no rule above knows',
    read: (clues) => {
      const [said] = toControllers(clues);
      return said === undefined
        ? undefined
        : {
            component: 'admission',
            confidence: 'possible',
            sentence: `The API server refuses the pods or replica sets that the controllers make: ${said.slice(0, 300).replace(/\.$/, '')}.`,
            command: `kubectl describe replicasets -n ${clues.run.namespace}`,
          };
    },
  },
  {
    name: 'setup/missing',
    seen: 'a prerequisite is missing, our credentials are not accepted, an object of that name is not ours, or something on the way answers in place of the API server',
    read: ({ first }) => {
      const ours = ['k8s.prerequisite_missing', 'api.unauthorized', 'api.conflict', 'api.unexpected_status'];
      if (!ours.includes(first.code) || first.blame !== 'us') return undefined;
      return { component: 'setup', confidence: 'certain', sentence: `${first.message.replace(/\.$/, '')}.` };
    },
  },
];

/** In the findings that an answer of the API server stands behind, or in what the controllers say of themselves. */
function refusalsIn(clues: Clues): readonly Refusal[] {
  const answers = clues.findings.filter(({ code }) => !/^(http|dns|run)\./.test(code) && code !== 'k8s.pod_failed');
  const texts = [...answers.map(({ message }) => message), ...toControllers(clues)];
  return texts.flatMap((text) => refusalIn(text) ?? []);
}

function commandFor({ by, name }: Refusal, { run }: Clues): string {
  if (by === 'webhook') return listWebhooks;
  return by === 'policy'
    ? `kubectl describe validatingadmissionpolicy ${name}`
    : `kubectl describe namespace ${run.namespace}`;
}

/** What the controllers were refused, as long as something lacks for it: an event of a refusal that is over explains nothing. */
function toControllers({ evidence, events, standing, waited }: Clues): readonly string[] {
  const { replicaSets, deployment } = evidence;
  const lacks = replicaSets.some(({ name, wanted }) => standing.filter(({ owner }) => owner === name).length < wanted);
  if (!waited || (replicaSets.length > 0 && !lacks)) return [];
  const conditions = [...replicaSets, ...(deployment ? [deployment] : [])]
    .flatMap((one) => one.conditions)
    .filter(
      ({ type, status, reason }) => (type === 'ReplicaFailure' && status === 'True') || reason === cannotMakeSets,
    );
  const failed = events.filter(({ reason }) => reason === 'FailedCreate' || reason === cannotMakeSets);
  return [...conditions, ...failed].map(({ message }) => message ?? '');
}
