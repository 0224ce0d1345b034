/** Routes into the cluster: who serves them, what they lead to, and the name of their address. */
import type { FindingCode } from '../../findings.ts';
import type { ObjectView } from '../../model/evidence.ts';
import type { Answer, Clues, Rule } from '../rule.ts';

interface Row {
  readonly code: FindingCode;
  readonly name: string;
  readonly seen: string;
  readonly confidence: Answer['confidence'];
  readonly words: string;
}

/** By the code of the finding, which says whose answer it was. */
const rows: readonly Row[] = [
  {
    code: 'edge.no_address',
    name: 'no-address',
    seen: 'the status of an Ingress or a Gateway gets no address',
    confidence: 'likely',
    words: 'does not look at new routes, or has no address to give',
  },
  {
    code: 'edge.not_accepted',
    name: 'not-accepted',
    seen: 'a Gateway does not accept an HTTPRoute, or says nothing of it',
    confidence: 'likely',
    words: 'does not look at new routes, or refuses them',
  },
  {
    code: 'edge.unreachable',
    name: 'unreachable',
    seen: 'nobody answers at the address of a route, and the pods and the service behind it answer',
    confidence: 'likely',
    words:
      'gave a route its address, and nobody answers there: what serves its routes is down, or not to be reached from here',
  },
  {
    code: 'edge.not_routed',
    name: 'not-routed',
    seen: '404 for the host of a route at its address',
    confidence: 'certain',
    words: 'answers, and does not know a new route',
  },
  {
    code: 'edge.no_backend',
    name: 'no-backend',
    seen: '500 to 504 for the host of a route, whose pods and service answer',
    confidence: 'likely',
    words:
      'has the route and does not reach the pods behind it, which answer from here: its endpoints are old, or a policy keeps it from them',
  },
  {
    code: 'edge.wrong_page',
    name: 'wrong-page',
    seen: 'another page for the host of a route, whose pods serve the right one',
    confidence: 'likely',
    words: 'leads the host of a new route somewhere else',
  },
  {
    code: 'edge.stale',
    name: 'stale',
    seen: 'a changed route still leads to its old backend',
    confidence: 'certain',
    words: 'does not follow a changed route',
  },
  {
    code: 'edge.lost_requests',
    name: 'lost-requests',
    seen: 'requests are lost while the backend of a route changes',
    confidence: 'likely',
    words: 'loses requests while a route changes',
  },
  {
    code: 'edge.still_served',
    name: 'still-served',
    seen: 'a deleted route is still served',
    confidence: 'certain',
    words: 'does not see that a route was deleted',
  },
];

const isMissing = ({ kind, state }: ObjectView) => kind === 'service' && state === 'is not there';

/** What is wrong behind a route, and with the name of its address: it is asked before who serves it is blamed. */
export const behindRoutes: readonly Rule[] = [
  {
    name: 'workload/backend-removed',
    seen: 'a route leads nowhere: the service behind its route is not there',
    read: ({ findings, evidence, run }) => {
      const found = findings.find(({ code }) => code.startsWith('edge.'));
      const missing = evidence.objects?.find(isMissing);
      if (!found || !missing) return undefined;
      return {
        component: 'workload',
        part: `service/${missing.name}`,
        confidence: 'certain',
        sentence: `service/${missing.name}, to which the route leads, is not there any more: ${plain(found.message)}.`,
        command: `kubectl get events --sort-by=.lastTimestamp -n ${run.namespace}`,
      };
    },
  },
  {
    name: 'dns/address-of-a-route',
    seen: 'the address of a route is a name, and it is not resolved',
    read: ({ findings, evidence }) => {
      const found = findings.find(({ code }) => code.startsWith('dns.'));
      const isOfRoute = evidence.probes.some(
        ({ target, detail }) => target === 'edge' && detail !== undefined && detail === found?.message,
      );
      if (!found || !isOfRoute) return undefined;
      return {
        component: 'dns',
        part: 'the name of a load balancer',
        confidence: 'likely',
        sentence: `The address that a route was given is a name that is not resolved: ${plain(found.message)}.`,
        command: 'kubectl get ingresses,gateways -A',
      };
    },
  },
];

export const edge: readonly Rule[] = rows.map(({ code, name, seen, confidence, words }) => ({
  name: `edge/${name}`,
  seen,
  read: (clues) => {
    const found = clues.findings.find((finding) => finding.code === code);
    return found && { ...whoServes(clues), confidence, sentence: `It ${words}: ${plain(found.message)}.` };
  },
}));

/** By the class of the route or its Gateway, and the controller that the class names. */
function whoServes({ evidence }: Clues): Pick<Answer, 'component' | 'part' | 'command'> {
  const served = evidence.objects?.find(({ kind }) => kind === 'ingressclass' || kind === 'gatewayclass');
  return {
    component: 'ingress-controller',
    ...(served && {
      part: `${served.kind === 'gatewayclass' ? 'gateway class' : 'class'} ${served.name}, ${served.state}`,
      command: `kubectl describe ${served.kind} ${served.name}`,
    }),
  };
}

function plain(message: string): string {
  return message.replace(/\.$/, '');
}
