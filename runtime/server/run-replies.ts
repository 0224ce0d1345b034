/** The answers to whoever wants a suite run. */
import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import { Held } from '../defects.ts';
import type { RunResult } from '../model/result.ts';
import type { Suite } from '../model/suite.ts';
import { renderReport } from '../words/run-text.ts';
import { pathFrom } from './base-path.ts';
import { perhaps, sendError } from './error-reply.ts';
import type { Started } from './event-memory.ts';

export interface ResultOptions {
  readonly joined: boolean;
  /** The report for people instead of JSON. */
  readonly asText: boolean;
}

export function sendResult(reply: FastifyReply, result: RunResult, { joined, asText }: ResultOptions): FastifyReply {
  reply.header('vary', 'accept');
  if (asText) return reply.type('text/plain; charset=utf-8').send(renderReport(result, { colour: false }));
  return reply.type('application/json; charset=utf-8').send(jsonOf(result, joined));
}

/** 202: it runs; where its result will be. */
export function sendStarted(reply: FastifyReply, suite: string, { id, joined }: Started): FastifyReply {
  const [page, result] = [pathFrom(reply.request, `runs/${id}`), pathFrom(reply.request, `results/${suite}/${id}`)];
  const body = { id, suite, ...(joined && { joined }), page, result };
  return reply.code(202).header('location', body.page).send(body);
}

export function sendUnknownSuite(reply: FastifyReply, name: string, suites: readonly Suite[]): FastifyReply {
  const known = suites.map((suite) => suite.name).join(', ');
  return sendError(
    reply,
    404,
    `No suite ${JSON.stringify(name.slice(0, 100))} here${perhaps(name.slice(0, 100), suites)}. Known: ${known}`,
  );
}

/** Why no run starts while shutting down: another process will take it. */
export const closing = { statusCode: 503, message: 'This process is shutting down and starts no more runs' } as const;

export function sendClosing(reply: FastifyReply): FastifyReply {
  return sendError(reply.header('retry-after', '5'), closing.statusCode, closing.message);
}

/** 409 when another process holds the namespace; anything else is thrown on. */
export function sendHeld(reply: FastifyReply, error: unknown): FastifyReply {
  if (!(error instanceof Held)) throw error;
  const { holder, message, retryAfterMs } = error;
  reply.code(409).header('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
  return reply.send({ statusCode: 409, error: STATUS_CODES[409], message, holder });
}

const texts = new WeakMap<RunResult, string>();

/** The same text for the two hundredth caller of a run as for the first, but for `joined`. */
function jsonOf(result: RunResult, joined: boolean): string {
  const text = texts.get(result) ?? JSON.stringify(result);
  texts.set(result, text);
  return joined ? `${text.slice(0, -1)},"joined":true}` : text;
}
