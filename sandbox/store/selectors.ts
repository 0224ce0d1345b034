/** Label and field selectors: as text in a query, and as they stand in objects. */
import type { KubeObject, LabelSelector } from './objects.ts';
import type { Resource } from './resources.ts';

export type Match = (object: KubeObject) => boolean;
type Labels = Readonly<Record<string, string>>;

/** What could not be read; the API answers it with 400. */
export class BadSelector extends Error {
  override readonly name = 'BadSelector';
}

/** An absent selector selects nothing, an empty one everything. */
export function selects(selector: LabelSelector | undefined, labels: Labels = {}): boolean {
  if (!selector) return false;
  const exact = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return exact && (selector.matchExpressions ?? []).every((expression) => fits(expression, labels));
}

/** `a=b` of each label, as the scale subresource shows a selector. */
export function selectorText(selector: LabelSelector | undefined): string {
  const exact = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const sets = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator.toLowerCase()} (${values.join(',')})`;
  });
  return [...exact, ...sets].join(',');
}

export function fits(
  { key, operator, values = [] }: { key: string; operator: string; values?: string[] },
  labels: Labels,
): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(values[0]);
    case 'Lt':
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** `a=b,c!=d,e in (f,g),h,!i` */
export function parseLabelSelector(text: string): Match {
  const requirements = splitOutside(text).map(parseRequirement);
  return (object) => requirements.every((requirement) => fits(requirement, object.metadata.labels ?? {}));
}

/** `metadata.name=a,status.phase!=Running` */
export function parseFieldSelector(text: string, resource: Resource): Match {
  const terms = text
    .split(',')
    .filter((term) => term !== '')
    .map((term) => {
      const found = /^([^=!]+)(!=|==|=)(.*)$/.exec(term);
      if (!found) throw new BadSelector(`invalid selector: '${text}'; can't understand '${term}'`);
      const [, field = '', operator, value = ''] = found;
      if (!['metadata.name', 'metadata.namespace', ...(resource.fields ?? [])].includes(field)) {
        throw new BadSelector(`field label not supported: ${field}`);
      }
      return { field, value, equal: operator !== '!=' };
    });
  return (object) => terms.every(({ field, value, equal }) => (fieldOf(object, field) === value) === equal);
}

function fieldOf(object: KubeObject, path: string): string {
  if (path === 'source') path = 'source.component';
  const value = path
    .split('.')
    .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], object);
  return value === undefined ? (path === 'spec.unschedulable' ? 'false' : '') : String(value);
}

function parseRequirement(text: string): { key: string; operator: string; values: string[] } {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text);
  if (set) {
    const values = set[3]!.split(',').map((value) => value.trim());
    return { key: set[1]!, operator: set[2] === 'in' ? 'In' : 'NotIn', values };
  }
  if (/\s(in|notin)\b/.test(text)) {
    throw new BadSelector(`unable to parse requirement: found '', expected: ',', ')' or identifier`);
  }
  const equal = /^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$/.exec(text);
  if (equal) return { key: equal[1]!, operator: equal[2] === '!=' ? 'NotIn' : 'In', values: [equal[3]!] };
  const absent = /^!\s*([^=!\s]+)$/.exec(text);
  if (absent) return { key: absent[1]!, operator: 'DoesNotExist', values: [] };
  if (/^[^=!<>\s()]+$/.test(text)) return { key: text, operator: 'Exists', values: [] };
  throw new BadSelector(`unable to parse requirement: found '${text}', expected: identifier`);
}

/** Splits at commas that are not within brackets. */
function splitOutside(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
