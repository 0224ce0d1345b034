/** The first thing to type, as a diagnosis may show it: what our own rules make, from names of objects, and nothing else. */
import type { Diagnosis } from '../model/diagnosis.ts';

/** Of an object, a container, a service; also with dots. */
const name = '[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?';
const slots: Readonly<Record<string, string>> = {
  name,
  // A service account, or whatever RBAC calls a person; nothing that a shell takes apart.
  user: '[A-Za-z0-9][\\w:@.+/=,-]{0,252}',
};

/** Every command that a rule makes; a test reads the rules and says which is missing here. */
const shapes = [
  "kubectl get --raw '/readyz?verbose'",
  'kubectl get apiservices',
  'kubectl describe apiservice {name}',
  'kubectl get nodes --show-labels',
  'kubectl get pods -n kube-system -l component={name}',
  'kubectl get pods -n kube-system -l k8s-app=kube-proxy -o wide',
  'kubectl get pods,endpoints -n kube-system -l k8s-app=kube-dns',
  'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations',
  'kubectl get namespace {name} -o yaml',
  'kubectl get poddisruptionbudgets -A',
  'kubectl get crds -o custom-columns=NAME:.metadata.name,CONVERSION:.spec.conversion.webhook.clientConfig.service | grep {name}',
  'kubectl get events --sort-by=.lastTimestamp -n {name}',
  'kubectl get pods -o wide -n {name}',
  'kubectl get serviceaccounts -n {name}',
  'kubectl auth can-i --list --as={user} -n {name}',
  'kubectl auth can-i --list --as={user}',
  'kubectl get ingresses,gateways -A',
  'kubectl describe ingressclass {name}',
  'kubectl describe gatewayclass {name}',
  'kubectl describe node {name}',
  'kubectl describe namespace {name}',
  'kubectl describe validatingadmissionpolicy {name}',
  'kubectl describe pod {name} -n {name}',
  'kubectl describe pods -n {name}',
  'kubectl describe configmaps -n {name}',
  'kubectl describe deployment {name} -n {name}',
  'kubectl describe replicasets -n {name}',
  'kubectl describe resourcequota -n {name}',
  'kubectl describe resourcequota,limitrange -n {name}',
  'kubectl describe endpoints {name} -n {name}',
  'kubectl describe endpointslice {name} -n {name}',
  'kubectl describe endpointslices -l kubernetes.io/service-name={name} -n {name}',
  'kubectl logs {name} -n {name}',
  'kubectl logs {name} -c {name} -n {name}',
  'kubectl logs --previous {name} -c {name} -n {name}',
  'kubectl logs --tail=20 --prefix -l app=hello-minikube -n {name}',
] as const;

const known = new RegExp(`^(?:${shapes.map(pattern).join('|')})$`);

/** The command of a diagnosis that came from elsewhere, where our rules could have made it of the names in it. */
export function commandFrom(text: string): string | undefined {
  return known.test(text) ? text : undefined;
}

/** A command of our own, unless a name is missing in it: then it would lead nowhere. A run without a namespace has no `-n`. */
export function typeable<Named extends Pick<Diagnosis, 'command'>>(diagnosis: Named): Named {
  const { command, ...rest } = diagnosis;
  const whole = command?.replace(/^(kubectl auth .*) -n $/, '$1');
  const lacks = whole === undefined || /(?: |=)(?:undefined|null)?(?: |$)/.test(whole);
  return (lacks ? rest : { ...rest, command: whole }) as Named;
}

function pattern(shape: string): string {
  const escaped = shape.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return escaped.replace(/\{(\w+)\}/g, (_, slot: string) => slots[slot]!);
}
