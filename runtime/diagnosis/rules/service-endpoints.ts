import type { PodView } from '../../model/evidence.ts';
import { count, failedRequest } from '../clues.ts';
import type { Clues, Rule } from '../rule.ts';

/** The suite has a service and something is wrong with it. */
function concernsService({ findings, evidence }: Clues): boolean {
  const codes = [
    'timeout.waiting_on_endpoints',
    'k8s.service_endpoint_count_wrong',
    'timeout.deadline',
    'edge.no_backend',
  ];
  return (
    findings.some(({ code }) => codes.includes(code)) ||
    // Of agents: the names of a headless service are its endpoints.
    findings.some(({ code, message }) => code.startsWith('dns.') && message.startsWith('Pods do not resolve')) ||
    evidence.probes.some(({ target, result }) => target === 'service-ip' && result !== '200')
  );
}

export const endpoints: readonly Rule[] = [
  {
    name: 'setup/foreign-endpoint-slice',
    seen: "an endpoint slice with the service's label is owned by no service, and leads to addresses of no ready pod",
    read: (clues) => {
      const { endpoints: seen } = clues.evidence;
      const ready = addressesOf(clues.ready);
      const foreign = seen?.foreign?.find(({ addresses }) => addresses.some((address) => !ready.has(address)));
      if (!concernsService(clues) || !seen || !foreign) return undefined;
      const { slice, by, addresses } = foreign;
      return {
        component: 'setup',
        confidence: 'certain',
        sentence: `endpointslice/${slice}, which no service owns (managed by ${by ?? 'nobody named'}), leads service/${seen.service} to ${addresses.join(', ')}: traffic goes to the wrong place.`,
        command: `kubectl describe endpointslice ${slice} -n ${clues.run.namespace}`,
      };
    },
  },
  {
    name: 'controller-manager/no-endpoints-object',
    seen: 'a service has no Endpoints object or slice when the wait ends',
    read: (clues) => {
      const { endpoints: seen } = clues.evidence;
      if (!concernsService(clues) || !seen || seen.exists) return undefined;
      return {
        component: 'controller-manager',
        part: 'endpoints',
        confidence: 'certain',
        sentence: `service/${seen.service} has no ${seen.api === 'endpoints' ? 'Endpoints object' : 'endpoint slice'}: the endpoints controller is not working.`,
        command: commandFor(clues),
      };
    },
  },
  {
    name: 'controller-manager/endpoints-stale',
    seen: "a service's endpoints are not the addresses of its ready pods",
    read: (clues) => {
      const { endpoints: seen } = clues.evidence;
      if (!concernsService(clues) || !seen || failedRequest(clues.evidence, 'list pods')) return undefined;
      const ready = addressesOf(clues.ready);
      const extra = seen.addresses.filter((address) => !ready.has(address));
      const missing = clues.ready.filter(
        ({ ip, ips }) => ip && !(ips ?? [ip]).some((address) => seen.addresses.includes(address)),
      );
      if (extra.length === 0 && missing.length === 0) return undefined;
      return {
        component: 'controller-manager',
        part: 'endpoints',
        confidence: 'certain',
        sentence: `The endpoints of service/${seen.service} do not follow its pods: ${count(clues.ready.length, 'pod')} Ready, ${missing.length} of them missing from the endpoints, ${count(extra.length, 'endpoint')} of no ready pod${extra.length > 0 ? ` (${extra.join(', ')})` : ''}.`,
        command: commandFor(clues),
      };
    },
  },
];

/** Of both families. */
function addressesOf(pods: readonly PodView[]): ReadonlySet<string> {
  return new Set(pods.flatMap(({ ip, ips }) => ips ?? ip ?? []));
}

function commandFor({ run, evidence }: Clues): string {
  const name = evidence.endpoints?.service ?? '';
  return evidence.endpoints?.api === 'endpoints'
    ? `kubectl describe endpoints ${name} -n ${run.namespace}`
    : `kubectl describe endpointslices -l kubernetes.io/service-name=${name} -n ${run.namespace}`;
}
