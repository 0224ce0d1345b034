/** Which cluster: never the current context of a person's kubeconfig unasked, never the sandbox where anything points at a cluster. */
import { delimiter } from 'node:path';
import type { Host } from './host.ts';
import type { Source } from './source.ts';

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

export interface ClusterChoice {
  readonly cluster: 'in-cluster' | 'kubeconfig' | 'sandbox';
  readonly kubeconfig?: string;
}

/** Who reads the settings. */
export interface ClusterRules {
  /** Whether it is taken where nothing points at a cluster, as by a serving process, or only when it is asked for. */
  readonly sandbox: 'by itself' | 'when asked';
}

/** Resolves CLUSTER and checks that what it needs is there. */
export function readCluster(source: Source, host: Host, rules: ClusterRules): ClusterChoice {
  const asked = source.value('CLUSTER');
  const cluster = asked === 'auto' ? chosenBySurroundings(source, host, rules) : asked;
  if (cluster === 'in-cluster') checkPod(source, host, asked === 'auto');
  return cluster === 'kubeconfig' ? { cluster, kubeconfig: readKubeconfig(source, host) } : { cluster };
}

function chosenBySurroundings(source: Source, host: Host, { sandbox }: ClusterRules): ClusterChoice['cluster'] {
  const hasPath = source.raw('KUBECONFIG') !== undefined;
  // A pod may have no token of its own and a kubeconfig instead, as runners of pipelines have.
  if (isInPod(source)) return hasPath && !host.isFile(serviceAccountToken) ? 'kubeconfig' : 'in-cluster';
  if (hasPath || source.isSet('KUBECONFIG')) return 'kubeconfig';
  if (sandbox === 'when asked')
    source.reject({
      key: 'KUBECONFIG',
      expected: 'the path of a kubeconfig of the cluster to test; --sandbox tests the embedded one',
      example: '$HOME/.kube/config',
    });
  return 'sandbox';
}

function isInPod(source: Source): boolean {
  return source.raw('KUBERNETES_SERVICE_HOST') !== undefined;
}

function checkPod(source: Source, host: Host, isFound: boolean): void {
  if (isInPod(source) && host.isFile(serviceAccountToken)) return;
  const mount = `a service account token at ${serviceAccountToken}: set automountServiceAccountToken: true in the pod`;
  source.reject(
    isFound
      ? {
          key: 'CLUSTER',
          value: 'auto',
          expected: `in this pod (KUBERNETES_SERVICE_HOST is set) ${mount}, or set KUBECONFIG to test another cluster`,
          example: 'sandbox',
        }
      : {
          key: 'CLUSTER',
          value: 'in-cluster',
          expected: `to be in a pod, with KUBERNETES_SERVICE_HOST and ${mount}; elsewhere set KUBECONFIG`,
          example: 'kubeconfig',
        },
  );
}

/** One path, or a list of them as kubectl merges them: of a list, files that are not there are left out as long as one is. */
function readKubeconfig(source: Source, host: Host): string | undefined {
  const value = source.optional('KUBECONFIG');
  const hint = { key: 'KUBECONFIG', example: '$HOME/.kube/config' };
  const paths = (value ?? '').split(delimiter).filter((path) => path.trim() !== '');
  const there = paths.filter((path) => host.isFile(path));
  if (there.length > 0) return there.join(delimiter);
  if (value !== undefined)
    source.reject({
      ...hint,
      value,
      expected: paths.length > 1 ? 'files of which one exists at least' : 'a file that exists',
    });
  else if (source.isSet('KUBECONFIG'))
    source.reject({ ...hint, value: '', expected: 'the path of a kubeconfig, or not to be set' });
  else source.reject({ ...hint, expected: 'the path of a kubeconfig, since CLUSTER=kubeconfig' });
  return value;
}
