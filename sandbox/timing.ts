/** How long the cluster takes for what it does, in milliseconds. A real cluster's figures are in the comments. */
export interface Timing {
  /** A controller looks at what changed. Real: about 10. */
  reconcileMs: number;
  /** From a pod's creation to its node. Real: 13. */
  scheduleMs: number;
  /** From its node to its running containers. Real: 730. */
  containerStartMs: number;
  /** From SIGTERM to the end of nginx. Real: 100, and up to 10 s more until the API forgets the pod. */
  containerStopMs: number;
  /** From a failed pull to ImagePullBackOff, and from a crash to the restart. Real: 10 s and more. */
  backOffMs: number;
  /** From a change of the endpoints to the service address. Real: 250. */
  proxySyncMs: number;
  /** From the last object of a namespace to its end. Real: 5 s. */
  namespaceMs: number;
  /** A kubelet's sign of life. Real: 10 s. */
  heartbeatMs: number;
  /** A silent kubelet's node becomes NotReady. Real: 40 s. */
  nodeGraceMs: number;
  /** A changed ConfigMap reaches the files of running pods. Real: about 60 s. */
  volumeSyncMs: number;
  /** What a minute is to a CronJob. Real: 60 s. */
  cronMinuteMs: number;
  /** A leader renews its lease. Real: 2 s. */
  leaseMs: number;
  /** A watch that asked for bookmarks gets one. Real: 60 s. */
  bookmarkMs: number;
}

export const defaultTiming: Readonly<Timing> = {
  reconcileMs: 2,
  scheduleMs: 3,
  containerStartMs: 40,
  containerStopMs: 25,
  backOffMs: 300,
  proxySyncMs: 10,
  namespaceMs: 50,
  heartbeatMs: 10_000,
  nodeGraceMs: 40_000,
  volumeSyncMs: 60_000,
  cronMinuteMs: 500,
  leaseMs: 500,
  bookmarkMs: 60_000,
};
