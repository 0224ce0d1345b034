/** Which cluster: never the current context of a person's kubeconfig unasked. */
import type { Host } from './host.ts';
import type { Source } from './source.ts';

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

export interface ClusterChoice {
  readonly cluster: 'in-cluster' | 'kubeconfig' | 'sandbox';
  readonly kubeconfig?: string;
}

/** Resolves CLUSTER and checks that what it needs is there. */
export function readCluster(source: Source, host: Host): ClusterChoice {
  const asked = source.value('CLUSTER');
  const kubeconfig = source.optional('KUBECONFIG');
  const inPod = source.raw('KUBERNETES_SERVICE_HOST') !== undefined && host.isFile(serviceAccountToken);
  const cluster = asked === 'auto' ? (inPod ? 'in-cluster' : kubeconfig ? 'kubeconfig' : 'sandbox') : asked;

  if (cluster === 'in-cluster' && !inPod)
    source.reject({
      key: 'CLUSTER',
      value: 'in-cluster',
      expected: `to be in a pod, with KUBERNETES_SERVICE_HOST and ${serviceAccountToken}; elsewhere set KUBECONFIG`,
      example: 'kubeconfig',
    });
  if (cluster === 'kubeconfig' && kubeconfig === undefined)
    source.reject({
      key: 'KUBECONFIG',
      expected: 'the path of a kubeconfig, since CLUSTER=kubeconfig',
      example: '$HOME/.kube/config',
    });
  if (cluster !== 'kubeconfig' || kubeconfig === undefined) return { cluster };
  if (!host.isFile(kubeconfig))
    source.reject({
      key: 'KUBECONFIG',
      value: kubeconfig,
      expected: 'one file that exists',
      example: '$HOME/.kube/config',
    });
  return { cluster, kubeconfig };
}
