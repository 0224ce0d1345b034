/** The types of the fields that something here reads. A real API server decodes every field into a Go type, and refuses with 400 what does not fit. */
import type { KubeObject, Plural } from '../store/objects.ts';
import { resourceOf } from '../store/resources.ts';
import { badRequest } from './status.ts';

interface Type {
  /** As Go names it. */
  readonly go: string;
  fits(value: unknown): boolean;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text: Type = { go: 'string', fits: (value) => typeof value === 'string' };
const whole: Type = { go: 'int32', fits: (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31 };
const struct: Type = { go: 'struct', fits: isObject };
const texts: Type = {
  go: 'map[string]string',
  fits: (value) => isObject(value) && Object.values(value).every(text.fits),
};
const textList: Type = { go: '[]string', fits: (value) => Array.isArray(value) && value.every(text.fits) };
const structs: Type = { go: '[]struct', fits: (value) => Array.isArray(value) && value.every(isObject) };

type Fields = readonly (readonly [path: string, type: Type])[];

const ofAll: Fields = [
  ['metadata', struct],
  ['metadata.name', text],
  ['metadata.labels', texts],
  ['metadata.annotations', texts],
  ['metadata.ownerReferences', structs],
  ['metadata.finalizers', textList],
  ['spec', struct],
  ['status', struct],
];

const ofPods = (at: string): Fields => [
  [`${at}.containers`, structs],
  [`${at}.containers[].name`, text],
  [`${at}.containers[].image`, text],
  [`${at}.containers[].ports`, structs],
  [`${at}.containers[].volumeMounts`, structs],
  [`${at}.initContainers`, structs],
  [`${at}.volumes`, structs],
  [`${at}.tolerations`, structs],
  [`${at}.nodeSelector`, texts],
  [`${at}.terminationGracePeriodSeconds`, whole],
  [`${at}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`, structs],
  [`${at}.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution`, structs],
  [`${at}.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution`, structs],
];

const ofWorkloads: Fields = [
  ['spec.replicas', whole],
  ['spec.progressDeadlineSeconds', whole],
  ['spec.selector', struct],
  ['spec.selector.matchLabels', texts],
  ['spec.template', struct],
  ['spec.template.metadata.labels', texts],
  ['spec.template.metadata.annotations', texts],
  ['spec.strategy.rollingUpdate', struct],
  ...ofPods('spec.template.spec'),
];

const fieldsOf: Partial<Record<Plural, Fields>> = {
  configmaps: [['data', texts]],
  secrets: [
    ['data', texts],
    ['stringData', texts],
  ],
  pods: ofPods('spec'),
  deployments: ofWorkloads,
  replicasets: ofWorkloads,
  services: [
    ['spec.ports', structs],
    ['spec.selector', texts],
  ],
};

/** Throws the Refusal (400) that names the first field whose type is not its own. An absent field has none. */
export function requireTypes(plural: Plural, object: KubeObject): void {
  const { kind } = resourceOf(plural);
  for (const [path, type] of [...ofAll, ...(fieldsOf[plural] ?? [])]) {
    const wrong = valuesAt(object, path.split('.')).find((value) => !type.fits(value));
    if (wrong === undefined) continue;
    throw badRequest(
      `${kind} in version "v1" cannot be handled as a ${kind}: json: cannot unmarshal ${nameOf(wrong)} into Go struct field ${kind}.${path.replaceAll('[]', '')} of type ${type.go}`,
    );
  }
}

/** `a.b[].c`: every c of the list b; nothing where the way there is absent. */
function valuesAt(value: unknown, [step, ...rest]: readonly string[]): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (step === undefined) return [value];
  if (!isObject(value)) return [];
  const next = value[step.replace('[]', '')];
  if (!step.endsWith('[]')) return valuesAt(next, rest);
  return Array.isArray(next) ? next.flatMap((one) => valuesAt(one, rest)) : [];
}

/** As Go's JSON decoder calls it. */
function nameOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'number' || typeof value === 'string' ? typeof value : 'object';
}
