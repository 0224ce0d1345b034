/** What the API server refuses as invalid, as far as clients meet it. */
import type {
  Container,
  Deployment,
  KubeObject,
  LabelSelector,
  Lease,
  Plural,
  PodSpec,
  Service,
  Workload,
} from '../store/objects.ts';
import { resourceOf } from '../store/resources.ts';
import { selects } from '../store/selectors.ts';
import { type Cause, cause, invalid, Verbatim } from './status.ts';

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
const configKey = `a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`;
const labelValue = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`;

const labelKey = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`;

const nameRules: Partial<Record<Plural, typeof label>> = { namespaces: label, services: serviceName };

/** Throws the Refusal (422) that names everything wrong. `before` is the stored state of an update. */
export function validate(plural: Plural, object: KubeObject, before?: KubeObject): void {
  const causes = [
    ...nameCauses(plural, object),
    ...labelCauses(object),
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
  if (plural === 'pods' && !(object.spec as PodSpec | undefined)?.containers?.length) {
    causes.push(cause.required('spec.containers'));
  }
  if (plural === 'services' && !object.spec) causes.push(cause.required('spec.ports'));
  if (causes.length > 0) throw invalid(resourceOf(plural), object.metadata.name ?? '', causes);
}

const validators: Partial<Record<Plural, (object: KubeObject, before?: KubeObject) => Cause[]>> = {
  configmaps: (object, before) => [...dataCauses(object), ...immutableCauses(object, before)],
  secrets: (object, before) => [...dataCauses(object), ...immutableCauses(object, before)],
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

/** A ConfigMap or Secret as a whole may not be larger. */
const largestData = 1_048_576;

function dataCauses({ data = {} }: KubeObject): Cause[] {
  const entries = Object.entries(data as Record<string, string>);
  const bytes = entries.reduce((sum, [key, value]) => sum + key.length + Buffer.byteLength(value), 0);
  return [
    ...entries
      .filter(([key]) => !/^[-._a-zA-Z0-9]+$/.test(key))
      .map(([key]) => cause.invalid(`data[${key}]`, key, configKey)),
    ...(bytes > largestData ? [cause.tooLong('', largestData)] : []),
  ];
}

function immutableCauses(object: KubeObject, before?: KubeObject): Cause[] {
  const words = 'field is immutable when `immutable` is set';
  if (!before?.immutable) return [];
  const isChanged = (field: 'immutable' | 'data') => JSON.stringify(object[field]) !== JSON.stringify(before[field]);
  return (['immutable', 'data'] as const).filter(isChanged).map((field) => cause.forbidden(field, words));
}

function nameCauses(plural: Plural, { metadata: { name } }: KubeObject): Cause[] {
  const rule = nameRules[plural] ?? subdomain;
  if (!name) return [cause.required('metadata.name', 'name or generateName is required')];
  if (name.length > rule.longest) {
    return [cause.invalid('metadata.name', name, `must be no more than ${rule.longest} characters`)];
  }
  return rule.fits.test(name) ? [] : [cause.invalid('metadata.name', name, rule.words)];
}

function labelCauses({ metadata }: KubeObject): Cause[] {
  const labels = metadata.labels ?? {};
  const keys = Object.keys(labels).filter((key) => !isQualified(key));
  const wrong = keys.map((key) => cause.invalid('metadata.labels', key, labelKey));
  return Object.values(labels)
    .flatMap((value) => {
      if (value.length > 63) return [cause.invalid('metadata.labels', value, 'must be no more than 63 characters')];
      return /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value)
        ? []
        : [cause.invalid('metadata.labels', value, labelValue)];
    })
    .concat(wrong);
}

/** `app`, `example.com/app` */
function isQualified(key: string): boolean {
  const [name = '', prefix, ...more] = key.split('/').reverse();
  if (more.length > 0 || (prefix !== undefined && !(subdomain.fits.test(prefix) && prefix.length <= 253))) return false;
  return name.length <= 63 && /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(name);
}

function workloadCauses(object: Workload, before?: Workload): Cause[] {
  const { replicas, selector, template } = object.spec;
  const causes: Cause[] = [];
  if (replicas < 0) causes.push(cause.invalid('spec.replicas', replicas, 'must be greater than or equal to 0'));
  if (!selects(selector, template.metadata.labels)) {
    const words = '`selector` does not match template `labels`';
    causes.push(cause.invalid('spec.template.metadata.labels', template.metadata.labels, words));
  }
  causes.push(...podCauses(template.spec, 'spec.template.spec'));
  if (before && JSON.stringify(before.spec.selector) !== JSON.stringify(selector)) {
    causes.push(cause.invalid('spec.selector', new Verbatim(goSelector(selector)), 'field is immutable'));
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
  const isZero = (value: unknown) => value === 0 || value === '0%';
  if (rollingUpdate && isZero(rollingUpdate.maxSurge) && isZero(rollingUpdate.maxUnavailable)) {
    const field = 'spec.strategy.rollingUpdate.maxUnavailable';
    const value = new Verbatim('intstr.IntOrString{Type:0, IntVal:0, StrVal:""}');
    return [cause.invalid(field, value, 'may not be 0 when `maxSurge` is 0')];
  }
  return [];
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
    if (!mount.mountPath) causes.push(cause.required(`${at}.volumeMounts[${index}].mountPath`));
    if (!volumes.has(mount.name)) causes.push(cause.notFound(`${at}.volumeMounts[${index}].name`, mount.name));
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

function goSelector({ matchLabels }: LabelSelector): string {
  const labels = Object.entries(matchLabels ?? {}).map(([key, value]) => `"${key}":"${value}"`);
  return `v1.LabelSelector{MatchLabels:map[string]string{${labels.join(', ')}}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}`;
}
