/** What the objects showed when a step failed: folded, one table for each kind. */
import type { ConditionView, ContainerView, EventView, Evidence, ObjectView, PodView } from '../model/evidence.ts';
import { type Content, html, type Markup } from './html.ts';
import { meshTable } from './mesh-table.ts';
import { count, exact, foreign } from './words.ts';

type Column<Row> = readonly [title: string, cell: (row: Row) => Content];

const longestCell = 600;

export function evidenceOf(evidence: Evidence): Markup {
  const { pods, objects = [], replicaSets, nodes, events, probes, logs, api } = evidence;
  const requests = probes.filter(({ target }) => target !== 'mesh');
  return html`${meshTable(probes)}<details class="evidence"><summary>Evidence <span class="dim">${contentsOf(evidence)}, ${exact(evidence.at)}</span></summary>
${table('Events', events, eventColumns)}${table('Pods', pods, podColumns)}${table('Other objects', objects, objectColumns)}${deploymentOf(evidence)}
${table('Replica sets', replicaSets, [
  ['Name', (set) => text(set.name)],
  ['Ready', (set) => `${set.ready} of ${set.wanted}`],
  ['Image', (set) => text(set.image)],
  ['Conditions', (set) => conditionsOf(set.conditions)],
])}
${table('Requests', requests, [
  ['To', (probe) => text(probe.pod ? `${probe.to} (${probe.pod})` : probe.to)],
  ['Node', (probe) => text(probe.node ?? '')],
  ['Result', (probe) => text(probe.detail ? `${probe.result}: ${probe.detail}` : probe.result)],
  ['Took', (probe) => `${Math.round(probe.durationMs)} ms`],
])}
${table('Nodes', nodes, [
  ['Name', (node) => text(node.name)],
  ['Zone', (node) => text(node.zone ?? '')],
  ['Ready', (node) => text(node.ready ? 'yes' : `no ${node.readyReason ?? ''}`)],
  ['Taints', (node) => text(node.taints.join(', '))],
])}
${table('Answers of the API server', api, [
  ['Request', (answer) => text(answer.request)],
  ['Status', (answer) => text(String(answer.status))],
  ['Message', (answer) => text(answer.message)],
])}
${endpointsOf(evidence)}${namespaceOf(evidence)}${logs.map(logOf)}</details>`;
}

const eventColumns: readonly Column<EventView>[] = [
  ['Object', (event) => text(`${event.object.kind}/${event.object.name}`)],
  ['Reason', (event) => text(event.reason)],
  ['Message', (event) => text(event.count > 1 ? `${event.message} (${event.count} times)` : event.message)],
  ['Last seen', (event) => text(event.lastSeen.slice(11, 19))],
];

const podColumns: readonly Column<PodView>[] = [
  ['Name', (pod) => text(pod.name)],
  ['Node', (pod) => text(pod.node ?? 'none')],
  ['Phase', (pod) => text(pod.deletedAt ? `${pod.phase}, being deleted` : pod.phase)],
  ['Containers', (pod) => pod.containers.map(containerOf)],
  ['Conditions', (pod) => conditionsOf(pod.conditions)],
];

const objectColumns: readonly Column<ObjectView>[] = [
  ['Object', (object) => text(`${object.kind}/${object.name}`)],
  ['State', (object) => text(object.state ?? '')],
  ['Conditions', (object) => conditionsOf(object.conditions)],
];

function contentsOf({ pods, objects = [], events, logs }: Evidence): string {
  const parts = [
    [pods.length, 'pod'],
    [objects.length, 'other object'],
    [events.length, 'event'],
    [logs.length, 'log'],
  ] as const;
  const named = parts.filter(([number]) => number > 0).map(([number, name]) => count(number, name));
  return named.length > 0 ? named.join(', ') : 'what the objects showed';
}

function table<Row>(title: string, rows: readonly Row[], columns: readonly Column<Row>[]): Content {
  if (rows.length === 0) return '';
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${title}"><table><caption>${title}</caption><thead><tr>${columns.map(([name]) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${columns.map(([, cell]) => html`<td>${cell(row)}</td>`)}</tr>`)}</tbody></table></div>`;
}

/** Only what is not as it should be is worth a line. */
function conditionsOf(conditions: readonly ConditionView[]): Content {
  return conditions
    .filter(({ type, status, message }) => status !== 'True' || type === 'ReplicaFailure' || message)
    .map((condition) => {
      const why = [condition.reason, condition.message].filter(Boolean).join(': ');
      return html`<div>${text(`${condition.type}=${condition.status}${why && `, ${why}`}`)}</div>`;
    });
}

function containerOf(container: ContainerView): Markup {
  const why = [container.reason, container.message].filter(Boolean).join(': ');
  const restarts = container.restarts > 0 ? `, ${container.restarts} restarts` : '';
  return html`<div>${text(`${container.name} ${container.state}${container.ready ? ', ready' : ''}${why && `, ${why}`}${restarts}`)}</div>`;
}

function deploymentOf({ deployment }: Evidence): Content {
  if (!deployment) return '';
  const { name, wanted, ready, updated, observedGeneration, generation, conditions } = deployment;
  const behind =
    observedGeneration < generation
      ? `, the controller has seen generation ${observedGeneration} of ${generation}`
      : '';
  return html`<p>${text(`deployment/${name}: ${ready} of ${wanted} ready, ${updated} updated${behind}`)}</p>${conditionsOf(conditions)}`;
}

function endpointsOf({ endpoints }: Evidence): Content {
  if (!endpoints) return '';
  const { service, exists, addresses, notReady } = endpoints;
  const seen = exists
    ? `${addresses.join(', ') || 'no address'}; not ready: ${notReady.join(', ') || 'none'}`
    : 'no object';
  return html`<p>${text(`Endpoints of service/${service}: ${seen}`)}</p>`;
}

function namespaceOf({ namespace }: Evidence): Content {
  if (!namespace) return '';
  const { name, phase, conditions } = namespace;
  return html`<p>${text(`namespace/${name}: ${phase}`)}</p>${conditionsOf(conditions)}`;
}

function logOf({ pod, lines }: Evidence['logs'][number]): Markup {
  return html`<p>Log of ${text(`pod/${pod}`)}</p><pre tabindex="0">${foreign(lines.join('\n'), 4_000)}</pre>`;
}

function text(value: string): Markup {
  return foreign(value, longestCell);
}
