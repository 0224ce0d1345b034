/** Work that was said to be done, and whose trace is missing. */
import { distinct } from '../clues.ts';
import type { Clues, Rule } from '../rule.ts';

export const traces: readonly Rule[] = [
  {
    name: 'kubelet/logs-incomplete',
    seen: 'pods answered requests that their logs, as the kubelets serve them, do not show',
    read: (clues) => {
      const lost = clues.findings.find(({ code }) => code === 'k8s.log_incorrect');
      if (!lost) return undefined;
      const silent = clues.findings.filter(
        ({ code, object }) => code === 'k8s.log_incorrect' && object?.kind === 'pod',
      );
      const nodes = distinct(silent.map(({ object }) => nodeOf(clues, object?.name)));
      return {
        component: 'kubelet',
        ...(nodes.length > 0 && { part: nodes.join(', ') }),
        confidence: 'likely',
        sentence: `Pods${nodes.length > 0 ? ` on ${nodes.join(', ')}` : ''} answered requests that appear in no pod's log: ${lost.message.replace(/\.$/, '')}.`,
        command: `kubectl logs --tail=20 --prefix -l app=hello-minikube -n ${clues.run.namespace}`,
      };
    },
  },
  {
    name: 'kubelet/old-image',
    seen: 'a pod is asked to run the new image and its container runs another',
    read: (clues) => {
      const { deployment } = clues.evidence;
      const wrong = clues.findings.some(({ code }) => code === 'k8s.image_not_updated');
      if (!wrong || !deployment) return undefined;
      const asked = clues.standing.filter(({ image }) => image === deployment.image);
      if (asked.length < clues.standing.length) {
        return {
          component: 'controller-manager',
          part: 'deployment',
          confidence: 'likely',
          sentence: `The deployment says it is rolled out, yet ${clues.standing.length - asked.length} of ${clues.standing.length} pods are not asked to run ${deployment.image}.`,
          command: `kubectl describe deployment ${deployment.name} -n ${clues.run.namespace}`,
        };
      }
      const nodes = distinct(asked.map(({ node }) => node));
      return {
        component: 'kubelet',
        part: nodes.join(', '),
        confidence: 'possible',
        sentence: `Pods on ${nodes.join(', ')} are asked to run ${deployment.image} and run something else.`,
        command: `kubectl describe pods -n ${clues.run.namespace}`,
      };
    },
  },
];

function nodeOf(clues: Clues, pod: string | undefined): string | undefined {
  const probed = clues.evidence.probes.find((probe) => probe.pod === pod)?.node;
  return clues.evidence.pods.find(({ name }) => name === pod)?.node ?? probed;
}
