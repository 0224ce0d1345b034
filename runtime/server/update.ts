import type { FastifyInstance } from 'fastify';
import { requireToken } from './access.ts';
import type { AppOptions } from './app-options.ts';
import { errorReply, runSecurity, tags, updateReply } from './schemas.ts';
import { readUpdate } from './update-body.ts';

const largestBodyBytes = 1_048_576;

/** POST /update: a step result from another process, in the original's contract, answers word for word. */
export async function updateRoute(app: FastifyInstance, options: AppOptions): Promise<void> {
  const { store, runToken } = options;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: largestBodyBytes }, (_, body, done) =>
    done(null, body),
  );
  app.addHook('onRequest', async ({ headers }) => {
    // It is read as JSON whatever it calls itself, as the original did.
    headers['content-type'] = 'application/json';
  });
  app.addHook('onRequest', requireToken(runToken, options));

  app.post<{ Body: string | undefined }>(
    '/update',
    {
      schema: {
        tags: tags.results,
        security: runSecurity,
        summary: 'Take a step result from another process',
        description:
          'JSON with name, passing, info (null or a list of [message, count]), namespace and time (YYYY-MM-DD HH:MM:SS, UTC); optional: suite, run, durationMs, status.',
        response: {
          200: { ...updateReply, description: 'Taken' },
          400: { ...errorReply, description: 'Not JSON' },
          401: { ...errorReply, description: 'A token is required' },
          403: { ...errorReply, description: 'Wrong token, or a cross-site request' },
          413: { ...errorReply, description: 'The body is larger than 1 MB' },
          422: { ...updateReply, description: 'Keys are missing or have the wrong type; the text says which' },
        },
      },
    },
    async (request, reply) => {
      const update = readUpdate(parse(request.body ?? ''));
      if ('problem' in update) return reply.code(422).send({ result: `Event object invalid: ${update.problem}` });
      store.recordRemote(update.step);
      return { result: 'event put onto queue' };
    },
  );
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw Object.assign(new Error('The body is not JSON'), { statusCode: 400 });
  }
}
