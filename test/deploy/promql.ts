/** What a PromQL expression speaks of. */
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export interface Mentioned {
  readonly metrics: readonly string[];
  /** Labels matched or grouped by. */
  readonly labels: readonly string[];
}

/** Raises where the expression does not parse. Grafana's variables must be filled in before. */
export function mentionedIn(expression: string): Mentioned {
  const metrics = new Set<string>();
  const labels = new Set<string>();
  parser.parse(expression).iterate({
    enter: ({ type, from, to, node }) => {
      const text = () => expression.slice(from, to);
      if (type.isError) throw new Error(`cannot parse at ${from}: ${expression.slice(from, from + 40)}`);
      if (type.name === 'Identifier' && isMetric(node)) metrics.add(text());
      if (type.name === 'LabelName') labels.add(text());
    },
  });
  return { metrics: [...metrics], labels: [...labels] };
}

/** Grafana's variables, filled in as Grafana would. */
export function fillGrafana(expression: string): string {
  return expression.replaceAll('$__rate_interval', '5m').replace(/\$\{?[a-z_]+\}?/g, '.*');
}

function isMetric(node: SyntaxNode): boolean {
  return node.parent?.type.name === 'VectorSelector';
}
