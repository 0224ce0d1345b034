/** How an object of the cluster is named. Types only. */

/** An object of the cluster, in the words kubectl uses: `deployment/kubee2etestapp`. */
export interface ObjectRef {
  /** lower case: namespace, deployment, service, configmap, pod, replicaset, lease … */
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}
