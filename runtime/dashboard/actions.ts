/** The page's forms: run a suite now, switch a fault of the sandbox. Both work without the script and with it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { tokenRefusal } from '../server/access.ts';
import { sendError } from '../server/error-reply.ts';
import { refusalOfOrigin } from '../server/origin.ts';
import { closing, sendStarted } from '../server/run-replies.ts';
import { sendPage, wantsJson } from './replies.ts';
import { runForm } from './run-form.ts';
import { type DashboardOptions, sceneOf } from './scene.ts';
import { anchor } from './verdict-head.ts';

interface Form {
  readonly token?: string | string[];
  readonly on?: string | string[];
}

export function registerActions(app: FastifyInstance, options: DashboardOptions): void {
  const isServed = (suite: string) => options.suites.some(({ name }) => name === suite);
  /** A page of another site must not run suites by the browser of whoever looks at it. */
  const onRequest = async ({ headers }: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const stranger = refusalOfOrigin(headers, options);
    return stranger === undefined ? undefined : sendError(reply, 403, stranger);
  };

  app.get<{ Params: { suite: string } }>('/suites/:suite/run', (request, reply) => {
    const { suite } = request.params;
    return isServed(suite) ? sendPage(reply, runForm(sceneOf(options), suite)) : reply.callNotFound();
  });

  app.post<{ Params: { suite: string }; Body: Form | undefined }>(
    '/suites/:suite/run',
    { onRequest },
    async (request, reply) => {
      const suite = options.suites.find(({ name }) => name === request.params.suite);
      if (!suite) return reply.callNotFound();
      const { isTokenRight, runner } = options;
      const refusal = isTokenRight && tokenRefusal(isTokenRight, tokenOf(request));
      const outcome = refusal ? undefined : runner.start(suite, 'http');
      if (outcome?.kind === 'run') {
        // Nobody waits: the store, the log and the metrics have the end of it.
        outcome.finished.catch(() => undefined);
        if (wantsJson(request)) return sendStarted(reply, suite.name, outcome);
        return reply.redirect(`${request.root}#${anchor({ suite: suite.name })}`, 303);
      }
      const { statusCode, message } = refusal ?? closing;
      if (wantsJson(request)) return sendError(reply, statusCode, message);
      return sendPage(reply.code(statusCode), runForm(sceneOf(options), suite.name, message));
    },
  );

  const { sandbox } = options;
  if (!sandbox) return;
  app.post<{ Params: { name: string }; Body: Form | undefined }>(
    '/faults/:name',
    { onRequest },
    async (request, reply) => {
      const { name } = request.params;
      if (options.isTokenRight && !options.isTokenRight(tokenOf(request) ?? '')) {
        return sendError(reply, 401, 'Switching faults requires the token of RUN_TOKEN');
      }
      const on = [request.body?.on].flat()[0];
      if (on !== 'true' && on !== 'false') return sendError(reply, 400, 'The field on must be true or false');
      if (!(await sandbox.list()).some((fault) => fault.name === name)) return reply.callNotFound();
      await sandbox.set(name, on === 'true');
      return wantsJson(request)
        ? reply.send({ name, on: on === 'true' })
        : reply.redirect(`${request.root}#faults`, 303);
    },
  );
}

/** From the header the script sets, or from the form's field. */
function tokenOf({ headers, body }: FastifyRequest): string | undefined {
  const fromForm = [(body as Form | undefined)?.token].flat()[0];
  return headers.authorization?.replace(/^Bearer /i, '') ?? fromForm;
}
