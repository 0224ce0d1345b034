/** What answers and what does not, seen from where we run. */
import type { ProbeView } from '../../model/evidence.ts';
import { count, distinct } from '../clues.ts';
import type { Clues, Rule } from '../rule.ts';

const silences = new Set(['timeout', 'connection_error']);
/** What a look-up that failed says, in the words of the DNS probe. */
const looksUp = /: DNS server /;
/** Nobody answered. A refusal is no answer either: who refused, the pod, its node, a policy or somebody on the way, it does not say. */
const isSilent = ({ result }: ProbeView) => silences.has(result);
const isRefused = ({ result, detail }: ProbeView) => result === 'connection_error' && /ECONNREFUSED/.test(detail ?? '');

function probesOf(clues: Clues, target: ProbeView['target']): readonly ProbeView[] {
  return clues.evidence.probes.filter((probe) => probe.target === target);
}

export const network: readonly Rule[] = [
  {
    name: 'node-network/pods-of-one-node',
    seen: 'requests to the pods of a node are not answered, those to pods of other nodes are',
    read: (clues) => {
      const pods = probesOf(clues, 'pod');
      const answering = new Set(pods.filter((probe) => !isSilent(probe)).map(({ node }) => node));
      const silent = pods.filter((probe) => isSilent(probe) && !isRefused(probe));
      const nodes = distinct(silent.map(({ node }) => node));
      if (nodes.length === 0 || answering.size === 0 || nodes.some((node) => answering.has(node))) return undefined;
      return {
        component: 'node-network',
        part: nodes.join(', '),
        confidence: 'likely',
        sentence: `${silent.length} of ${count(pods.length, 'pod')} did not answer, all of them on ${nodes.join(', ')}; those on ${distinct([...answering]).join(', ')} did.`,
        command: `kubectl describe node ${nodes[0]}`,
      };
    },
  },
  {
    name: 'node-network/one-family',
    seen: 'pods answer at their addresses of one family, and not at those of the other',
    read: (clues) => {
      // Of each address the last: what is new is asked again and again.
      const last = new Map(probesOf(clues, 'pod').map((probe) => [probe.to, probe]));
      const byFamily = Map.groupBy(last.values(), ({ to }) => (to.startsWith('[') ? 'IPv6' : 'IPv4'));
      const [silent, other] = [...byFamily].filter(([, probes]) => probes.some(isSilent));
      if (byFamily.size < 2 || !silent || other) return undefined;
      const [family, probes] = silent;
      const lost = probes.filter(isSilent);
      const nodes = distinct(lost.map(({ node }) => node));
      const isEverywhere = distinct(probes.map(({ node }) => node)).length === nodes.length;
      return {
        component: 'node-network',
        part: isEverywhere ? 'where we run' : nodes.join(', '),
        confidence: isEverywhere ? 'possible' : 'likely',
        sentence: `${lost.length} of ${count(probes.length, 'pod')} did not answer at their addresses of ${family} (on ${nodes.join(', ')}), and all did at the others.`,
        command: `kubectl describe node ${nodes[0]}`,
      };
    },
  },
  {
    name: 'node-network/no-pod-answers',
    seen: 'no pod answers at its own address, on no node, although all are Ready',
    read: (clues) => {
      const pods = probesOf(clues, 'pod');
      const nodes = distinct(pods.map(({ node }) => node));
      if (nodes.length < 2 || !pods.every(isSilent) || pods.some(isRefused)) return undefined;
      return {
        component: 'node-network',
        part: 'where we run',
        confidence: 'possible',
        sentence: `None of ${count(pods.length, 'Ready pod')} on ${nodes.join(', ')} answered from here: ${pods[0]?.result}. The way from this process to the pod network is cut.`,
        command: `kubectl get pods -o wide -n ${clues.run.namespace}`,
      };
    },
  },
  {
    name: 'workload/refuses-connections',
    seen: 'connections to Ready pods at their own addresses are refused: nobody listens, or something on the way refuses',
    read: (clues) => {
      const pods = probesOf(clues, 'pod');
      const refused = pods.filter(isRefused);
      const nodes = distinct(refused.map(({ node }) => node));
      const [first] = refused;
      if (!first) return undefined;
      return {
        component: 'workload',
        ...(nodes.length > 0 && refused.length < pods.length && { part: nodes.join(', ') }),
        confidence: 'possible',
        sentence: `Connections to ${refused.length} of ${count(pods.length, 'Ready pod')}${nodes.length > 0 ? ` on ${nodes.join(', ')}` : ''} are refused, which is no answer: nobody listens in the pod, or a policy or firewall between it and this process refuses.`,
        command: `kubectl describe pod ${first.pod} -n ${clues.run.namespace}`,
      };
    },
  },
  {
    name: 'kubelet/page-stale',
    seen: 'new pods serve the page from before the update of their ConfigMap',
    read: (clues) => {
      const wrong = probesOf(clues, 'pod').filter(({ result }) => result === 'wrong_response');
      const stale = wrong.filter(({ detail }) => /got "kube-e2etests: this page/.test(detail ?? ''));
      if (stale.length === 0) return undefined;
      const nodes = distinct(stale.map(({ node }) => node));
      return {
        component: 'kubelet',
        part: nodes.join(', '),
        confidence: 'likely',
        sentence: `${stale.length} of ${count(probesOf(clues, 'pod').length, 'pod')} serve the page from before the update: the kubelet of ${nodes.join(', ')} mounted an old ConfigMap.`,
        command: `kubectl describe configmaps -n ${clues.run.namespace}`,
      };
    },
  },
  {
    name: 'workload/wrong-answer',
    seen: 'pods answer with another status or another page than the one put there',
    read: (clues) => {
      const pods = probesOf(clues, 'pod');
      const wrong = pods.filter((probe) => probe.result !== '200' && !isSilent(probe));
      const [first] = wrong;
      if (!first) return undefined;
      return {
        component: 'workload',
        confidence: wrong.length === pods.length ? 'certain' : 'likely',
        sentence: `${wrong.length} of ${count(pods.length, 'pod')} answer with something other than the page that was put there: ${first.detail ?? first.result}.`,
        command: `kubectl logs ${first.pod} -n ${clues.run.namespace}`,
      };
    },
  },
  {
    name: 'kube-proxy/service-address',
    seen: 'every pod answers at its own address, its service address does not, or not always',
    read: (clues) => {
      const pods = probesOf(clues, 'pod');
      const service = probesOf(clues, 'service-ip');
      // What was asked while the service was awaited for the first time says nothing once it has answered.
      const counted = service.slice(service.findIndex(({ result }) => result === '200') + 1);
      const failed = counted.filter(({ result }) => result !== '200');
      const concerned = clues.findings.some(({ object }) => object?.kind === 'service');
      if (!concerned || failed.length === 0 || pods.length === 0 || pods.some(({ result }) => result !== '200'))
        return undefined;
      return {
        component: 'kube-proxy',
        part: 'where we run',
        confidence: failed.length === counted.length ? 'certain' : 'likely',
        sentence: `All ${distinct(pods.map(({ pod }) => pod)).length} pods answer at their own addresses; of ${count(counted.length, 'request')} to their service at ${failed[0]?.to}, ${failed.length} did not: ${distinct(failed.map(({ result }) => result)).join(', ')}.`,
        command: 'kubectl get pods -n kube-system -l k8s-app=kube-proxy -o wide',
      };
    },
  },
  {
    name: 'kube-proxy/node-port',
    seen: 'some nodes do not answer at the port of a service, others do',
    read: (clues) => {
      const asked = Map.groupBy(probesOf(clues, 'node-port'), ({ node }) => node ?? '');
      const didAnswer = (node: string) => asked.get(node)?.some(({ result }) => result === '200') ?? false;
      const silent = distinct(clues.findings.map(({ object }) => (object?.kind === 'node' ? object.name : undefined)));
      const answering = [...asked.keys()].filter(didAnswer);
      const isAsked = silent.length > 0 && silent.every((node) => asked.has(node));
      if (!isAsked || answering.length === 0) return undefined;
      const last = asked.get(silent[0] ?? '')?.at(-1);
      return {
        component: 'kube-proxy',
        part: silent.join(', '),
        confidence: 'likely',
        sentence: `The port of a new service does not answer at ${silent.join(', ')} (${last?.result}), and does at ${answering.slice(0, 5).join(', ')}${answering.length > 5 ? ' and others' : ''}.`,
        command: 'kubectl get pods -n kube-system -l k8s-app=kube-proxy -o wide',
      };
    },
  },
  {
    name: 'dns/name-unknown',
    seen: 'a lookup fails; in the http suites the service answers at its address and not by its name',
    read: (clues) => {
      const asked = clues.evidence.probes.find(
        ({ target, detail }) => target === 'service-name' && looksUp.test(detail ?? ''),
      );
      const failed = clues.findings.find(({ code }) => code.startsWith('dns.'))?.message ?? asked?.detail;
      if (!failed) return undefined;
      const byIp = probesOf(clues, 'service-ip').some(({ result }) => result === '200');
      return {
        component: 'dns',
        confidence: byIp || !/did not answer|refused/.test(failed) ? 'certain' : 'likely',
        sentence: `${byIp ? 'The service answers at its address, not by its name: ' : ''}${failed.replace(/\.$/, '')}.`,
        command: 'kubectl get pods,endpoints -n kube-system -l k8s-app=kube-dns',
      };
    },
  },
];
