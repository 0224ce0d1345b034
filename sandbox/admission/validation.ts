/** What the API server refuses as invalid, as far as clients meet it. */
import { kinds } from '../kinds/index.ts';
import type { Container, Deployment, KubeObject, Lease, Plural, PodSpec, Service, Workload } from '../store/objects.ts';
import { resourceOf } from '../store/resources.ts';
import { selects } from '../store/selectors.ts';
import { configCauses } from './config.ts';
import { keyCauses, labelCauses } from './labels.ts';
import { type Cause, cause, invalid } from './status.ts';

const label = {
  fits: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  longest: 63,
  words: `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
};
const serviceName = {
  fits: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
  longest: 63,
  words: `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
};
const subdomain = {
  fits: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  longest: 253,
  words: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
};
const nameRules: Partial<Record<Plural, typeof label>> = { namespaces: label, services: serviceName };

/** Throws the Refusal (422) that names everything wrong. `before` is the stored state of an update. */
export function validate(plural: Plural, object: KubeObject, before?: KubeObject): void {
  const causes = [
    ...nameCauses(plural, object),
    ...labelCauses(object.metadata.labels, 'metadata.labels'),
    ...keyCauses(Object.keys(object.metadata.annotations ?? {}).map(lower), 'metadata.annotations'),
    ...(validators[plural]?.(object, before) ?? []),
  ];
  if (causes.length > 0) throw invalid(resourceOf(plural), object.metadata.name, causes);
}

/** Required fields whose absence would keep the defaults from being filled in. */
export function validateShape(plural: Plural, object: KubeObject): void {
  const causes: Cause[] = [];
  const spec = object.spec as Workload['spec'] | undefined;
  if (plural === 'deployments' || plural === 'replicasets') {
    if (!spec?.selector) causes.push(cause.required('spec.selector'));
    if (!spec?.selector || !spec.template?.metadata?.labels) {
      const words = '`selector` does not match template `labels`';
      causes.push(cause.invalid('spec.template.metadata.labels', spec?.template?.metadata?.labels, words));
    }
    if (!spec?.template?.spec?.containers?.length) causes.push(cause.required('spec.template.spec.containers'));
  }
  const template = kinds.find((one) => one.plural === plural)?.template;
  if (template && !template(object)?.spec?.containers?.length)
    causes.push(cause.required('spec.template.spec.containers'));
  if (plural === 'pods' && !(object.spec as PodSpec | undefined)?.containers?.length) {
    causes.push(cause.required('spec.containers'));
  }
  if (plural === 'services' && !object.spec) causes.push(cause.required('spec.ports'));
  if (causes.length > 0) throw invalid(resourceOf(plural), object.metadata.name ?? '', causes);
}

const validators: Partial<Record<Plural, (object: KubeObject, before?: KubeObject) => Cause[]>> = {
  configmaps: configCauses,
  secrets: configCauses,
  deployments: (object, before) => [
    ...workloadCauses(object as Workload, before as Workload | undefined),
    ...strategyCauses(object as Deployment),
  ],
  replicasets: (object, before) => workloadCauses(object as Workload, before as Workload | undefined),
  pods: (object, before) => [
    ...podCauses(object.spec as PodSpec, 'spec'),
    ...(before ? frozenPodCauses(object.spec as PodSpec, before.spec as PodSpec) : []),
  ],
  services: (object, before) => serviceCauses(object as Service, before as Service | undefined),
  leases: (object) => {
    const seconds = (object as Lease).spec.leaseDurationSeconds;
    if (seconds === undefined || seconds > 0) return [];
    return [cause.invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')];
  },
};

const lower = (text: string): string => text.toLowerCase();

function nameCauses(plural: Plural, { metadata: { name } }: KubeObject): Cause[] {
  const rule = nameRules[plural] ?? subdomain;
  if (!name) return [cause.required('metadata.name', 'name or generateName is required')];
  if (name.length > rule.longest) {
    return [cause.invalid('metadata.name', name, `must be no more than ${rule.longest} characters`)];
  }
  return rule.fits.test(name) ? [] : [cause.invalid('metadata.name', name, rule.words)];
}

function workloadCauses(object: Workload, before?: Workload): Cause[] {
  const { replicas, selector, template } = object.spec;
  const causes: Cause[] = [];
  if (replicas < 0) causes.push(cause.invalid('spec.replicas', replicas, 'must be greater than or equal to 0'));
  if (!selects(selector, template.metadata.labels)) {
    const words = '`selector` does not match template `labels`';
    causes.push(cause.invalid('spec.template.metadata.labels', template.metadata.labels, words));
  }
  causes.push(...labelCauses(template.metadata.labels, 'spec.template.metadata.labels'));
  causes.push(...podCauses(template.spec, 'spec.template.spec'));
  if (before && JSON.stringify(before.spec.selector) !== JSON.stringify(selector)) {
    causes.push(cause.invalid('spec.selector', selector, 'field is immutable'));
  }
  return causes;
}

function strategyCauses({ spec: { strategy } }: Deployment): Cause[] {
  const { type, rollingUpdate } = strategy;
  if (type !== 'RollingUpdate' && type !== 'Recreate') {
    return [cause.unsupported('spec.strategy.type', type, ['Recreate', 'RollingUpdate'])];
  }
  if (type === 'Recreate' && rollingUpdate) {
    return [cause.forbidden('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'")];
  }
  const wrong = Object.entries(rollingUpdate ?? {}).flatMap(([field, value]) => amountCauses(field, value));
  if (wrong.length > 0) return wrong;
  const isZero = (value: unknown) => value === 0 || value === '0%';
  if (rollingUpdate && isZero(rollingUpdate.maxSurge) && isZero(rollingUpdate.maxUnavailable)) {
    const field = 'spec.strategy.rollingUpdate.maxUnavailable';
    return [cause.invalid(field, rollingUpdate.maxUnavailable, 'may not be 0 when `maxSurge` is 0')];
  }
  return [];
}

/** maxSurge and maxUnavailable: a number of pods, or a share of them. */
function amountCauses(field: string, value: number | string): Cause[] {
  const at = `spec.strategy.rollingUpdate.${field}`;
  if (typeof value === 'number') {
    return value < 0 ? [cause.invalid(at, value, 'must be greater than or equal to 0')] : [];
  }
  if (/^[0-9]+%$/.test(value)) return [];
  const words = `a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`;
  return [cause.invalid(at, value, words)];
}

function podCauses(spec: PodSpec, at: string): Cause[] {
  const volumes = new Set((spec.volumes ?? []).map((volume) => volume.name));
  const seen = new Set<string>();
  return spec.containers.flatMap((container, index) => {
    const causes = containerCauses(container, volumes, `${at}.containers[${index}]`);
    if (seen.has(container.name)) causes.push(cause.duplicate(`${at}.containers[${index}].name`, container.name));
    seen.add(container.name);
    return causes;
  });
}

function containerCauses(container: Container, volumes: ReadonlySet<string>, at: string): Cause[] {
  const causes: Cause[] = [];
  if (!container.name) causes.push(cause.required(`${at}.name`));
  else if (!label.fits.test(container.name)) causes.push(cause.invalid(`${at}.name`, container.name, label.words));
  if (!container.image) causes.push(cause.required(`${at}.image`));
  for (const [index, port] of (container.ports ?? []).entries()) {
    if (port.containerPort >= 1 && port.containerPort <= 65535) continue;
    const words = 'must be between 1 and 65535, inclusive';
    causes.push(cause.invalid(`${at}.ports[${index}].containerPort`, port.containerPort, words));
  }
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    if (!volumes.has(mount.name)) causes.push(cause.notFound(`${at}.volumeMounts[${index}].name`, mount.name));
    if (!mount.mountPath) causes.push(cause.required(`${at}.volumeMounts[${index}].mountPath`));
  }
  return causes;
}

function frozenPodCauses(spec: PodSpec, before: PodSpec): Cause[] {
  const frozen = ({ containers, initContainers, tolerations, activeDeadlineSeconds, ...rest }: PodSpec) =>
    JSON.stringify([rest, containers.map(({ image, ...container }) => container)]);
  if (frozen(spec) === frozen(before)) return [];
  const words =
    'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
  return [cause.forbidden('spec', words)];
}

function serviceCauses({ spec, metadata }: Service, before?: Service): Cause[] {
  const causes: Cause[] = [];
  if (before && !metadata.resourceVersion) {
    causes.push(cause.invalid('metadata.resourceVersion', '', 'must be specified for an update'));
  }
  if (!spec.ports?.length && spec.type !== 'ExternalName' && spec.clusterIP !== 'None') {
    causes.push(cause.required('spec.ports'));
  }
  for (const [index, { port, name }] of (spec.ports ?? []).entries()) {
    const at = `spec.ports[${index}]`;
    if (spec.ports!.length > 1 && !name) causes.push(cause.required(`${at}.name`));
    if (!(port >= 1 && port <= 65535))
      causes.push(cause.invalid(`${at}.port`, port, 'must be between 1 and 65535, inclusive'));
  }
  if (before?.spec.clusterIP && spec.type !== 'ExternalName' && before.spec.clusterIP !== spec.clusterIP) {
    causes.push(cause.invalid('spec.clusterIPs[0]', [spec.clusterIP], 'may not change once set'));
  }
  return causes;
}
