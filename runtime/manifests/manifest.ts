/** What a manifest is, and where the manifests of ours put things. */

export interface KubeManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: any manifest
  readonly [field: string]: any;
}

/** Of the ServiceAccount, and of what there is once in a namespace. */
export const ownName = 'kube-e2etests';
/** The namespace of the process, where nobody says another. */
export const defaultHome = 'kube-e2etests';
export const partOf = { 'app.kubernetes.io/part-of': ownName };

/** As it stands in a name of Kubernetes. */
export function dashed(suite: string): string {
  return suite.replaceAll('_', '-');
}

/** TEST_NAMESPACE of a process whose home is this namespace. */
export function testNamespace(home: string): string {
  return `${home}-{suite}`;
}
