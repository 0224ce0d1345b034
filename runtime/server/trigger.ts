/** From a request to a run and back to an answer; POST /run/:suite and POST / share it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Runner } from '../model/outcome.ts';
import type { RunResult, TriggerKind } from '../model/result.ts';
import type { Suite } from '../model/suite.ts';
import { EventError, isCloudEvent, readCloudEvents } from './cloud-event.ts';
import { sendError } from './error-reply.ts';
import { createEventMemory, type Started } from './event-memory.ts';
import { isOwn, sendEvent, sendEvents, sendNothing, sendTaken } from './event-reply.ts';
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

  const wait = async (
    reply: FastifyReply,
    runs: readonly Started[],
    answer: (results: RunResult[]) => FastifyReply,
  ) => {
    try {
      return answer(await Promise.all(runs.map(({ finished }) => finished)));
    } catch (error) {
      return sendHeld(reply, error);
    }
  };

  return async (suite, request, reply) => {
    const delivery = deliveryIn(request);
    if (delivery instanceof EventError) return sendError(reply, delivery.statusCode, delivery.message);
    if (delivery) {
      const news = delivery.events.filter((event) => !isOwn(event));
      const runs = news.map((event) => events.once(suite.name, event, () => start(suite, 'event')));
      if (!runs.every((run) => run !== undefined)) return sendClosing(reply);
      if (runs.length === 0) return sendNothing(reply);
      if (request.query.wait === false) return sendTaken(reply, runs.map(unwatched));
      return wait(reply, runs, (results) =>
        delivery.isBatch ? sendEvents(reply, results) : sendEvent(reply, results[0] as RunResult),
      );
    }
    const started = start(suite, 'http');
    if (!started) return sendClosing(reply);
    if (request.query.wait === false) return sendStarted(reply, suite.name, unwatched(started));
    return wait(reply, [started], ([result]) => {
      const { status } = result!;
      reply.code(status === 'passed' || status === 'unsupported' ? 200 : 500);
      return sendResult(reply, result!, { joined: started.joined, asText: wantsText(request.headers.accept) });
    });
  };
}

/** Nobody waits: the store, the log and the metrics have the end of it. */
function unwatched(started: Started): Started {
  started.finished.catch(() => undefined);
  return started;
}

function deliveryIn({ headers, body }: RunRequest) {
  try {
    return readCloudEvents(headers, body);
  } catch (error) {
    if (error instanceof EventError) return error;
    throw error;
  }
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
