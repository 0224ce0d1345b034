/** What was refused, and by whom: quota, admission, RBAC, or what is not set up. */
import type { Clues, Rule } from '../rule.ts';

const webhookDown = /failed calling webhook "([^"]+)"/;
const webhookDenied = /admission webhook "([^"]+)" denied the request/;
const podSecurity = /violates PodSecurity "([^"]+)"/;
const podSecurityPolicy = /unable to (?:validate against any|admit pod:.*) pod security policy|PodSecurityPolicy:/;
const policyDenied = /ValidatingAdmissionPolicy '([^']+)'.* denied request/;
const quotaExceeded = /exceeded quota: ([^,]+)/;
const quotaAsks = /failed quota: ([^:]+): must specify/;
const limitRange = /(?:minimum|maximum) \S+ usage per (?:Container|Pod) is/;
const deniedByRbac = /User "([^"]+)" cannot (\S+) resource "([^"]+)"/;
const noServiceAccount = /error looking up service account (\S+):/;

/** Of the deployment's Progressing condition, and of an event. Source: deployment controller, getNewReplicaSet. */
const cannotMakeSets = 'ReplicaSetCreateError';

const listWebhooks = 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations';

export const access: readonly Rule[] = [
  {
    name: 'quota/exceeded',
    seen: '403 "exceeded quota" on our request, or from the replica set controller (ReplicaFailure, FailedCreate)',
    read: (clues) => {
      const said = match(clues, quotaExceeded);
      return (
        said && {
          component: 'quota',
          part: said[1],
          confidence: 'certain',
          sentence: `The quota ${said[1]} of namespace ${clues.run.namespace} is used up: ${brief(said)}.`,
          command: `kubectl describe resourcequota -n ${clues.run.namespace}`,
        }
      );
    },
  },
  {
    name: 'quota/asks-for-more',
    seen: '"failed quota: … must specify", or a LimitRange\'s minimum or maximum, on our request or the replica set controller\'s',
    read: (clues) => {
      const said = match(clues, quotaAsks) ?? match(clues, limitRange);
      return (
        said && {
          component: 'quota',
          part: said[1] ?? 'LimitRange',
          confidence: 'certain',
          sentence: `Namespace ${clues.run.namespace} asks for other requests and limits than the test pods have: ${brief(said)}.`,
          command: `kubectl describe resourcequota,limitrange -n ${clues.run.namespace}`,
        }
      );
    },
  },
  {
    name: 'admission/webhook-dead',
    seen: '"failed calling webhook" on our request, or from the replica set controller',
    read: (clues) => {
      const said = match(clues, webhookDown);
      return (
        said && {
          component: 'admission',
          part: said[1],
          confidence: 'certain',
          sentence: `The admission webhook ${said[1]} does not answer and blocks what it should look at: ${brief(said)}.`,
          command: listWebhooks,
        }
      );
    },
  },
  {
    name: 'admission/denied',
    seen: '"denied the request", a ValidatingAdmissionPolicy, "violates PodSecurity" or a PodSecurityPolicy, on our request or the replica set controller\'s',
    read: (clues) => {
      const patterns = [webhookDenied, policyDenied, podSecurity, podSecurityPolicy];
      const said = patterns.map((pattern) => match(clues, pattern)).find(Boolean);
      return (
        said && {
          component: 'admission',
          part: said[1] ?? 'PodSecurityPolicy',
          confidence: 'certain',
          sentence: `Admission refuses what the suite makes: ${brief(said)}.`,
          command: commandFor(said.input, clues),
        }
      );
    },
  },
  {
    name: 'rbac/forbidden',
    seen: '403 "User … cannot … resource …" on our request',
    read: (clues) => {
      const said = deniedByRbac.exec(clues.first.message);
      if (!said) return undefined;
      const [, user, verb, resource] = said;
      return {
        component: 'rbac',
        part: resource,
        confidence: 'certain',
        sentence: `RBAC does not let ${user} ${verb} ${resource} in namespace ${clues.run.namespace}.`,
        command: `kubectl auth can-i --list --as=${user} -n ${clues.run.namespace}`,
      };
    },
  },
  {
    name: 'controller-manager/no-service-account',
    seen: 'pods cannot be made because the namespace has no default service account',
    read: (clues) => {
      const said = match(clues, noServiceAccount);
      return (
        said && {
          component: 'controller-manager',
          part: 'serviceaccount',
          confidence: 'likely',
          sentence: `Nobody made the service account ${said[1]}, without which no pod can be made.`,
          command: `kubectl get serviceaccounts -n ${clues.run.namespace}`,
        }
      );
    },
  },
  {
    name: 'admission/refuses-pods',
    seen: 'the controller says that it may not make pods or replica sets, in words that no rule above knows',
    read: (clues) => {
      const [said] = refusalsOf(clues);
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
    seen: 'a prerequisite is missing, our credentials are not accepted, or an object of that name is not ours',
    read: ({ first }) => {
      const ours = ['k8s.prerequisite_missing', 'api.unauthorized', 'api.conflict'];
      if (!ours.includes(first.code) || first.blame !== 'us') return undefined;
      return { component: 'setup', confidence: 'certain', sentence: `${first.message.replace(/\.$/, '')}.` };
    },
  },
];

/** In the findings, or in what the controllers say of themselves. */
function match(clues: Clues, pattern: RegExp): RegExpExecArray | undefined {
  for (const text of [...clues.findings.map(({ message }) => message), ...refusalsOf(clues)]) {
    const found = pattern.exec(text);
    if (found) return found;
  }
  return undefined;
}

function commandFor(refusal: string, { run }: Clues): string {
  if (webhookDenied.test(refusal)) return listWebhooks;
  const policy = policyDenied.exec(refusal)?.[1];
  return policy
    ? `kubectl describe validatingadmissionpolicy ${policy}`
    : `kubectl describe namespace ${run.namespace}`;
}

/** What the controllers were refused, as long as something lacks for it: an event of a refusal that is over explains nothing. */
function refusalsOf({ evidence, events, standing, waited }: Clues): readonly string[] {
  const { replicaSets, deployment } = evidence;
  const lacks = replicaSets.some(({ name, wanted }) => standing.filter(({ owner }) => owner === name).length < wanted);
  if (!waited || (replicaSets.length > 0 && !lacks)) return [];
  const conditions = [...replicaSets, ...(deployment ? [deployment] : [])]
    .flatMap((one) => one.conditions)
    .filter(
      ({ type, status, reason }) => (type === 'ReplicaFailure' && status === 'True') || reason === cannotMakeSets,
    );
  const told = events.filter(({ reason }) => reason === 'FailedCreate' || reason === cannotMakeSets);
  return [...conditions, ...told].map(({ message }) => message ?? '');
}

/** From the matched words on, without what the API server put before them. */
function brief(said: RegExpExecArray): string {
  return said.input.slice(said.index, said.index + 300).replace(/\.$/, '');
}
