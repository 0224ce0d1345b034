/** Tolerations as a pod has them, in JSON, or in short as `kubectl taint` writes taints: `dedicated=apps:NoSchedule,gpu`. */
import { labels } from './labels.ts';
import { InvalidValue } from './problems.ts';

export interface Toleration {
  readonly key?: string;
  readonly operator?: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const known = ['key', 'operator', 'value', 'effect', 'tolerationSeconds'];

export function tolerations(text: string): readonly Toleration[] {
  const given = text.trim().startsWith('[')
    ? fromJson(text)
    : text
        .split(',')
        .filter((part) => part.trim())
        .map(fromShort);
  for (const one of given) check(one);
  return Object.freeze(given.map((one) => Object.freeze(one)));
}

function fromJson(text: string): Toleration[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null && !Array.isArray(one)))
      return value;
  } catch {
    // Said below.
  }
  throw new InvalidValue('a JSON list of tolerations, or taints with commas between them');
}

function fromShort(text: string): Toleration {
  const [, key = '', value, effect] = /^\s*([^=:]+)(?:=([^:]*))?(?::(\w+))?\s*$/.exec(text) ?? [];
  if (!key)
    throw new InvalidValue(
      `taints as key=value:effect, with commas between them; ${JSON.stringify(text.trim())} is none`,
    );
  return {
    key: key.trim(),
    ...(value === undefined ? { operator: 'Exists' } : { operator: 'Equal', value: value.trim() }),
    ...(effect && { effect }),
  };
}

function check(one: Toleration): void {
  const other = Object.keys(one).find((name) => !known.includes(name));
  if (other) throw new InvalidValue(`tolerations with ${known.join(', ')}; ${JSON.stringify(other)} is none of them`);
  const { key, operator = 'Equal', value = '', effect, tolerationSeconds } = one;
  if (operator !== 'Exists' && operator !== 'Equal')
    throw new InvalidValue('Exists or Equal as the operator of a toleration');
  if (!key && operator !== 'Exists') throw new InvalidValue('a key in every toleration whose operator is not Exists');
  if (operator === 'Exists' && value) throw new InvalidValue('no value where the operator of a toleration is Exists');
  if (effect && !effects.includes(effect))
    throw new InvalidValue(`${effects.join(', ')} or none as the effect of a toleration`);
  if (tolerationSeconds !== undefined && !(Number.isInteger(tolerationSeconds) && effect === 'NoExecute'))
    throw new InvalidValue('whole tolerationSeconds, with effect NoExecute');
  // Keys and values of taints have the syntax of labels.
  if (key) labels(JSON.stringify({ [key]: value }), 'of nodes');
}
