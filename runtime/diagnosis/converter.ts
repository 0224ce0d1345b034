/** Who converts the objects of a CRD from one version to another. The API server cannot read them where it does not answer. */
export interface Converter {
  readonly kind: string;
  /** With its group. */
  readonly version: string;
  readonly part: string;
  /** Shows the CRDs of the group, and which service converts for each: it is set in the CRD, in no webhook configuration. */
  readonly command: string;
}

/** Names alone: they go into a command to be typed. Source: k8s.io/apiextensions-apiserver/pkg/apiserver/conversion/webhook_converter.go. */
const form = /conversion webhook for ([a-z0-9.-]+\/[a-z0-9]+), Kind=(\w+) failed/;

export function converterIn(message: string): Converter | undefined {
  const [, version = '', kind = ''] = form.exec(message) ?? [];
  if (!version) return undefined;
  const [group = ''] = version.split('/');
  return {
    kind,
    version,
    part: `conversion webhook for ${kind}.${group}`,
    command: `kubectl get crds -o custom-columns=NAME:.metadata.name,CONVERSION:.spec.conversion.webhook.clientConfig.service | grep ${group}`,
  };
}
