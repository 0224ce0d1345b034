import type { FastifyPluginAsync } from 'fastify';
import type { Health } from '../model.ts';
import type { StepRow, Store } from '../store.ts';

export interface PlainPageOptions {
  readonly store: Store;
  readonly health: () => Health;
  readonly timeToReportProblemMs: number;
}

/** GET / as the original had it: a table of the latest step results, newest first. */
export function plainPage(options: PlainPageOptions): FastifyPluginAsync {
  return async (app) => {
    app.get('/', (_, reply) =>
      reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(render(options)),
    );
  };
}

function render({ store, health, timeToReportProblemMs }: PlainPageOptions): string {
  const rows = store.rows();
  const { status, suites } = health();
  const isStale = suites.every(({ state }) => state === 'stale');
  const minutes = timeToReportProblemMs / 60_000;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${status}: kube-e2etests</title>
<h1>Cluster: ${status}</h1>
${isStale ? `<p role="alert"><strong>No tests have ran in the last ${minutes} minutes</strong></p>` : ''}
${rows.length === 0 ? '<p>No tests have ran yet, waiting...</p>' : tableOf(rows)}
</html>
`;
}

function tableOf(rows: readonly StepRow[]): string {
  const head = ['Namespace', 'Test name', 'Result', 'Details', 'Time'].map((name) => `<th scope="col">${name}</th>`);
  return `<table>\n<tr>${head.join('')}</tr>\n${rows.map(rowOf).join('\n')}\n</table>`;
}

function rowOf({ namespace, name, passing, status, details, at }: StepRow): string {
  const result = passing ? 'passing' : status === 'failed' ? 'failing' : status;
  const list = details.map(([message, count]) => `<li>${asText(message)} (${count})</li>`).join('');
  const cells = [asText(namespace), asText(name), result, list && `<ul>${list}</ul>`, `<time>${at}</time>`];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

function asText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
