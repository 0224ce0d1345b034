/** What is broken, in words: pure, over evidence. Types only. */

export type Component =
  | 'scheduler'
  | 'controller-manager'
  | 'kubelet'
  | 'node-network'
  | 'kube-proxy'
  | 'dns'
  /** What serves Ingresses, or Gateways and their routes; its part is the class. */
  | 'ingress-controller'
  | 'registry'
  | 'admission'
  | 'quota'
  | 'rbac'
  | 'api-server'
  | 'workload'
  /** Nothing is broken: the nodes have no room or no fitting place (cordoned, tainted, full). */
  | 'capacity'
  /** What must be set up for the tests, or for what they assert, is not. */
  | 'setup'
  /** What starts suites: Serving, or a PingSource and its adapter. */
  | 'knative'
  | 'unknown';

export interface Diagnosis {
  readonly component: Component;
  /** The controller, or the node, where the component has one: "deployment", "node2". */
  readonly part?: string;
  readonly confidence: 'certain' | 'likely' | 'possible';
  /** One plain sentence with the figures it rests on. */
  readonly sentence: string;
  readonly evidence: readonly string[];
  /** The first thing to type. */
  readonly command?: string;
  /** The rule that said so, for whoever doubts it. */
  readonly rule: string;
}

export interface Headline extends Diagnosis {
  readonly since: string;
  /** The end of the newest run that said so. */
  readonly confirmedAt?: string;
  readonly suites: readonly string[];
  readonly unexplained: readonly string[];
}
