/** statsd_exporter's mapping as statsd_exporter applies it. Source: its README, "Metric Mapping and Configuration". */

export interface Mapping {
  readonly match: string;
  readonly match_type?: 'glob' | 'regex';
  readonly match_metric_type?: 'counter' | 'gauge' | 'observer';
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export type StatsdType = 'counter' | 'gauge' | 'observer';

export interface Mapped {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a statsd name becomes: globs before regexes, each in order; undefined where nothing matches. */
export function applyMapping(mappings: readonly Mapping[], name: string, type: StatsdType): Mapped | undefined {
  const globs = mappings.filter(({ match_type = 'glob' }) => match_type === 'glob');
  const regexes = mappings.filter(({ match_type }) => match_type === 'regex');
  for (const mapping of [...globs, ...regexes]) {
    if (mapping.match_metric_type && mapping.match_metric_type !== type) continue;
    const found = pattern(mapping).exec(name);
    if (!found) continue;
    const fill = (text: string) => text.replace(/\$(\d+)/g, (_, index) => found[Number(index)] ?? '');
    const labels = Object.entries(mapping.labels ?? {}).map(([label, value]) => [label, fill(value)]);
    return { name: fill(mapping.name), labels: Object.fromEntries(labels) };
  }
  return undefined;
}

/** A star of a glob is exactly one part between dots. */
function pattern({ match, match_type }: Mapping): RegExp {
  if (match_type === 'regex') return new RegExp(match);
  const parts = match.split('.').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&').replaceAll('*', '([^.]*)'));
  return new RegExp(`^${parts.join('\\.')}$`);
}
