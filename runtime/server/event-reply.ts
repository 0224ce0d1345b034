/** The answer to an event: an event, or nothing. A Knative Broker passes on what it is answered, and takes anything else for an error. */
import type { FastifyReply } from 'fastify';
import type { RunResult } from '../model/result.ts';
import { pathFrom } from './base-path.ts';
import type { EventIdentity } from './cloud-event.ts';
import type { Started } from './event-memory.ts';

const finishedType = 'io.kube-e2etests.run.finished';

/** Our own answer, which a Broker without a filter brings back: it must not start the next run. */
export function isOwn({ type }: EventIdentity): boolean {
  return type === finishedType;
}

/** In binary mode: the attributes are headers, the body is the result. */
export function sendEvent(reply: FastifyReply, result: RunResult): FastifyReply {
  const { datacontenttype, data, ...attributes } = eventOf(result);
  for (const [name, value] of Object.entries(attributes)) reply.header(`ce-${name}`, encoded(value));
  return reply.code(200).type(datacontenttype).send(JSON.stringify(data));
}

/** One event for each run: several events of a batch may have shared one. */
export function sendEvents(reply: FastifyReply, results: readonly RunResult[]): FastifyReply {
  const runs = [...new Map(results.map((result) => [result.id, result])).values()];
  return reply
    .code(200)
    .type('application/cloudevents-batch+json')
    .send(JSON.stringify(runs.map(eventOf)));
}

/** 202, where nobody waits; the first run's page is the Location. */
export function sendTaken(reply: FastifyReply, [first]: readonly Started[]): FastifyReply {
  return reply
    .code(202)
    .header('location', pathFrom(reply.request, `runs/${first!.id}`))
    .send();
}

/** 204: there was nothing to do. */
export function sendNothing(reply: FastifyReply): FastifyReply {
  return reply.code(204).send();
}

function eventOf(result: RunResult) {
  const cluster = result.cluster?.name ?? 'unknown';
  return {
    specversion: '1.0',
    id: result.id,
    source: `/kube-e2etests/${encodeURIComponent(cluster.toWellFormed())}`,
    type: finishedType,
    subject: result.suite,
    time: result.finishedAt,
    cluster,
    verdict: result.status,
    datacontenttype: 'application/json',
    data: result,
  };
}

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#3132-http-header-values */
function encoded(value: string): string {
  return value.toWellFormed().replace(/[^\x21\x23\x24\x26-\x7e]/gu, (character) => encodeURIComponent(character));
}
