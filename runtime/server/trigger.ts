/** From a request to a run and back to an answer; POST /run/:suite and POST / share it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Runner, Suite, TriggerKind } from '../model.ts';
import { EventError, type EventIdentity, isCloudEvent, readCloudEvent } from './cloud-event.ts';
import { sendError } from './errors.ts';
import { createEventMemory, type Started } from './event-memory.ts';
import { wantsText } from './negotiate.ts';
import { sendClosing, sendHeld, sendResult, sendStarted } from './run-replies.ts';

export type RunRequest = FastifyRequest<{ Querystring: { wait?: boolean } }>;

/** Runs the suite and answers. */
export type Trigger = (suite: Suite, request: RunRequest, reply: FastifyReply) => Promise<FastifyReply>;

const largestBodyBytes = 1_048_576;

export function createTrigger(runner: Pick<Runner, 'start'>): Trigger {
  const events = createEventMemory();

  function start(suite: Suite, kind: TriggerKind): Started | undefined {
    const outcome = runner.start(suite, kind);
    return outcome.kind === 'closing' ? undefined : outcome;
  }

  return async (suite, request, reply) => {
    let event: EventIdentity | undefined;
    try {
      event = readCloudEvent(request.headers, request.body);
    } catch (error) {
      if (error instanceof EventError) return sendError(reply, 400, error.message);
      throw error;
    }
    const started = event ? events.once(suite.name, event, () => start(suite, 'event')) : start(suite, 'http');
    if (!started) return sendClosing(reply);
    if (request.query.wait === false) {
      // Nobody waits: the store, the log and the metrics have the end of it.
      started.finished.catch(() => undefined);
      return sendStarted(reply, suite.name, started);
    }
    try {
      const result = await started.finished;
      // A sender of events would take anything but 200 as "send it again".
      reply.code(event || result.status === 'passed' ? 200 : 500);
      return sendResult(reply, result, { joined: started.joined, asText: !event && wantsText(request.headers.accept) });
    } catch (error) {
      return sendHeld(reply, error);
    }
  };
}

/** In this plugin every body is read, up to 1 MB, and given as it is: what it holds must not keep a run from starting. */
export function takeAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: largestBodyBytes }, (_, body, done) =>
    done(null, body),
  );
  app.addHook('onRequest', async ({ headers }) => {
    // A content type that cannot be read would be refused before the parser is asked.
    if (!isCloudEvent(headers['content-type'])) headers['content-type'] = 'application/octet-stream';
  });
}
