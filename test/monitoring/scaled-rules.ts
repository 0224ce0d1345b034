/**
 * The shipped alerts in a time that a test has. Every duration (`for`, ranges, offsets) is divided by one number, and nothing else is changed:
 * names, expressions and thresholds are the file's own. What the durations themselves are worth is tested by promtool, with the real ones.
 * Thresholds in seconds (a suite whose results hold for more than 1200 s) stay: they are compared with settings of the product.
 */
import { stringify } from 'yaml';
import { only, read } from '../deploy/manifests.ts';

const timeScale = 240;

/** How long an hour is: several runs of each suite. */
export const hourSeconds = 3600 / timeScale;

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

const { spec } = only(read('contrib/prometheus-rule.yaml'), 'PrometheusRule', 'kube-e2etests') as unknown as {
  spec: Rules;
};

/** Names of the shipped alerts. */
export const alertNames: readonly string[] = spec.groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));

/** A file of rules for Prometheus. */
export function scaledRules(scale = timeScale): string {
  const groups = spec.groups.map((group) => ({ ...group, rules: group.rules.map((rule) => scaledRule(rule, scale)) }));
  return stringify({ groups });
}

function scaledRule(rule: Rule, scale: number): Rule {
  return {
    ...rule,
    for: scaledDuration(rule.for, scale),
    expr: scaledExpression(rule.expr, scale),
    annotations: Object.fromEntries(
      Object.entries(rule.annotations).map(([name, text]) => [name, scaledExpression(text, scale)]),
    ),
  };
}

/** `[20m]` and `offset 65m`. */
function scaledExpression(expression: string, scale: number): string {
  return expression
    .replace(/\[(\w+)\]/g, (_, duration: string) => `[${scaledDuration(duration, scale)}]`)
    .replace(/\boffset (\w+)/g, (_, duration: string) => `offset ${scaledDuration(duration, scale)}`);
}

function scaledDuration(duration: string, scale: number): string {
  const [, number = '', unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(duration) ?? [];
  if (!unit) throw new Error(`${duration} is not a duration of one number and one unit`);
  return `${Math.ceil((Number(number) * unitMs[unit as keyof typeof unitMs]) / scale)}ms`;
}
