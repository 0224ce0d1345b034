/** Volumes: who makes them, attaches them, mounts them, grows them and deletes them. */
import type { Finding } from '../../model/finding.ts';
import { failedRequest } from '../clues.ts';
import type { Answer, Clues, Rule } from '../rule.ts';

const kind = 'persistentvolumeclaim';
const controllerLogs = 'kubectl get pods -n kube-system -l component=kube-controller-manager';

const said = ({ message }: Pick<Finding, 'message'>) => message.replace(/\.$/, '');
const found = ({ findings }: Clues, code: Finding['code']) => findings.find((one) => one.code === code);

const ofClaim = ({ run }: Clues, finding: Finding) =>
  `kubectl describe persistentvolumeclaim ${finding.object?.name} -n ${run.namespace}`;

/** A rule for claims that are Pending; `reason`: of an event about it. */
function pending(
  reason: string,
  { name, seen, answer }: Pick<Rule, 'name' | 'seen'> & { answer(message: string): Omit<Answer, 'command'> },
): Rule {
  return {
    name,
    seen,
    read(clues) {
      const finding = found(clues, 'k8s.claim_pending');
      const event = finding && eventsOf(clues, finding).find((one) => one.reason === reason);
      return event && { ...answer(event.message.trim().replace(/\.$/, '')), command: ofClaim(clues, finding) };
    },
  };
}

function eventsOf({ events }: Clues, { object: about }: Finding) {
  return events.filter(({ object }) => object.kind === kind && object.name === about?.name);
}

/** As drivers and clouds say it. */
const isFull =
  /ResourceExhausted|insufficient|not enough|no space left|out of (?:space|capacity|stock)|exceed\w* .*(?:quota|limit)|quota .*exceeded/i;

/** Of Kubernetes, and of what makes and attaches volumes. */
const itsOwn = /^kubernetes\.io\/pvc?-protection$|^external-(?:provisioner|attacher)\b/;

/** The first that is of somebody else, of those that hold an object. */
function foreignFinalizer(message: string): string | undefined {
  const [, finalizers = ''] = /\(finalizers ([^)]+)\)/.exec(message) ?? [];
  return finalizers.split(', ').find((one) => one && !itsOwn.test(one));
}

/** A rule for a finding that says it all. */
function plain(code: Finding['code'], name: string, seen: string, sentence: string): Rule {
  return {
    name,
    seen,
    read(clues) {
      const finding = found(clues, code);
      if (!finding) return undefined;
      const [, by] = /made by (\S+)$/.exec(said(finding)) ?? [];
      const part = foreignFinalizer(finding.message) ?? by;
      const isVolume = finding.object?.kind === 'persistentvolume';
      return {
        component: 'storage',
        ...(part && { part }),
        confidence: 'certain',
        sentence: `${sentence}: ${said(finding)}.`,
        command: isVolume ? `kubectl describe persistentvolume ${finding.object?.name}` : ofClaim(clues, finding),
      };
    },
  };
}

/** Pods with a volume that have not begun; a node that is NotReady has troubles of its own. */
function cannotHave(reason: string, name: string, seen: string, sentence: string): Rule {
  return {
    name,
    seen,
    read(clues) {
      const { evidence, standing, events, waited, run } = clues;
      if (!waited || !evidence.objects?.some((one) => one.kind === kind)) return undefined;
      for (const pod of standing) {
        const event = events.find((one) => one.reason === reason && one.object.name === pod.name);
        const isWaiting = !pod.containers.some(({ state }) => state === 'running' || state === 'terminated');
        if (!event || !isWaiting || clues.node(pod.node)?.ready === false) continue;
        return {
          component: 'storage',
          part: pod.node,
          confidence: 'likely',
          sentence: `The volume of pod ${pod.name} ${sentence} ${pod.node}: ${event.message.trim().replace(/\.$/, '')}.`,
          command: `kubectl describe pod ${pod.name} -n ${run.namespace}`,
        };
      }
      return undefined;
    },
  };
}

export const storage: readonly Rule[] = [
  pending('ProvisioningFailed', {
    name: 'storage/provisioning-fails',
    seen: 'a claim is Pending, and an event says why no volume can be made for it: its driver, its room, its class',
    answer: (why) =>
      /storageclass\S* "\S+" not found/.test(why)
        ? {
            component: 'setup',
            part: 'storage class',
            confidence: 'certain',
            sentence: `A claim has no class: ${why}.`,
          }
        : {
            component: 'storage',
            part: isFull.test(why) ? 'room' : 'provisioner',
            confidence: 'certain',
            sentence: `No volume can be made${isFull.test(why) ? ', since there is no room for it' : ''}: ${why}.`,
          },
  }),
  pending('Provisioning', {
    name: 'storage/provisioner-slow',
    seen: 'a claim is Pending, its provisioner has begun to make a volume and has not ended',
    answer: (why) => ({
      component: 'storage',
      part: 'provisioner',
      confidence: 'likely',
      sentence: `The provisioner has begun to make a volume and has not ended: ${why}.`,
    }),
  }),
  pending('ExternalProvisioning', {
    name: 'storage/provisioner-silent',
    seen: 'a claim is Pending, the controller manager waits for its provisioner, and that says nothing',
    answer: (why) => {
      const [, by] = /external provisioner ["']([^"']+)["']|created by ["']([^"']+)["']/.exec(why) ?? [];
      return {
        component: 'storage',
        part: by ?? 'provisioner',
        confidence: 'likely',
        sentence: `The provisioner${by ? ` ${by}` : ''} does not answer: a claim waits for a volume that it should make, and it has not said a word.`,
      };
    },
  }),
  pending('FailedBinding', {
    name: 'setup/no-storage-class',
    seen: 'a claim is Pending since it has no class and no volume fits it',
    answer: (why) => ({
      component: 'setup',
      part: 'storage class',
      confidence: 'certain',
      sentence: `A claim has no class that makes a volume for it: ${why}.`,
    }),
  }),
  {
    name: 'controller-manager/claim-ignored',
    seen: 'a claim is Pending and there is no event about it',
    read: (clues) => {
      const finding = found(clues, 'k8s.claim_pending');
      const isUnknown = failedRequest(clues.evidence, 'list events');
      if (!finding || isUnknown || eventsOf(clues, finding).length > 0) return undefined;
      return {
        component: 'controller-manager',
        part: 'persistentvolume-binder',
        confidence: 'likely',
        sentence: `Nobody has looked at a claim, which the controller manager should do first: ${said(finding)}.`,
        command: controllerLogs,
      };
    },
  },
  {
    name: 'storage/claim-kept',
    seen: 'a claim that no pod uses is not deleted, because of a finalizer',
    read: (clues) => {
      const finding = found(clues, 'k8s.not_deleted');
      const isHeld = finding?.object?.kind === kind && finding.message.includes('(finalizers ');
      if (!isHeld || clues.evidence.pods.length > 0) return undefined;
      const foreign = foreignFinalizer(finding.message);
      return {
        component: foreign ? 'storage' : 'controller-manager',
        part: foreign ?? 'pvc-protection',
        confidence: 'likely',
        sentence: `A claim waits for ${foreign ? `finalizer ${foreign}, which nobody removes` : 'the controller that protects claims in use, and no pod uses it'}: ${said(finding)}.`,
        command: foreign ? ofClaim(clues, finding) : controllerLogs,
      };
    },
  },
  plain(
    'k8s.data_lost',
    'storage/data-lost',
    'a volume does not hold what was written into it',
    'A volume lost its data',
  ),
  plain(
    'k8s.volume_unwritable',
    'storage/unwritable',
    'a pod has its volume and cannot write into it',
    'A new volume cannot be written',
  ),
  plain(
    'k8s.volume_left',
    'storage/volume-left',
    'a volume is still there after its claim: nobody deletes it, it cannot be deleted, or a finalizer holds it',
    'A volume is not deleted with its claim, and costs what it costs',
  ),
  cannotHave(
    'FailedAttachVolume',
    'storage/not-attached',
    'a pod waits for its volume, which cannot be attached to its node: it is attached elsewhere, or its driver fails',
    'cannot be attached to',
  ),
  cannotHave(
    'FailedMount',
    'storage/not-mounted',
    'a pod waits for its volume, which cannot be mounted on its node: its driver is not there, or fails',
    'cannot be mounted on',
  ),
  plain(
    'k8s.claim_not_expanded',
    'storage/not-expanded',
    'a claim does not grow although its class allows it',
    'A volume does not grow',
  ),
];
