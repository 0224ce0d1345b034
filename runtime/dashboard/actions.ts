/** The page's forms: run a suite now, switch a fault of the sandbox. Both work without the script and with it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isOfOtherSite } from '../server/access.ts';
import { sendPage, wantsJson } from './replies.ts';
import { runForm } from './run-form.ts';
import { type DashboardOptions, sceneOf } from './scene.ts';
import { anchor } from './verdict.ts';

interface Form {
  readonly token?: string | string[];
  readonly on?: string | string[];
}

interface Refusal {
  readonly statusCode: number;
  readonly error: string;
  readonly message: string;
}

export function registerActions(app: FastifyInstance, options: DashboardOptions): void {
  const isServed = (suite: string) => options.suites.some(({ name }) => name === suite);
  const onRequest = refuseOtherSites;

  app.get<{ Params: { suite: string } }>('/suites/:suite/run', (request, reply) => {
    const { suite } = request.params;
    return isServed(suite) ? sendPage(reply, runForm(sceneOf(options), suite)) : reply.callNotFound();
  });

  app.post<{ Params: { suite: string }; Body: Form | undefined }>(
    '/suites/:suite/run',
    { onRequest },
    async (request, reply) => {
      const { suite } = request.params;
      if (!isServed(suite)) return reply.callNotFound();
      const answer = await start(app, request, suite);
      if (wantsJson(request)) return reply.code(answer.statusCode).type('application/json').send(answer.payload);
      if (answer.statusCode < 300) return reply.redirect(`/#${anchor({ suite })}`, 303);
      return sendPage(reply.code(answer.statusCode), runForm(sceneOf(options), suite, messageOf(answer.payload)));
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
        return refuse(reply, 401, 'Unauthorized', 'A token is needed to switch faults: the one of RUN_TOKEN');
      }
      const on = [request.body?.on].flat()[0];
      if (on !== 'true' && on !== 'false')
        return refuse(reply, 400, 'Bad Request', 'The field on must be true or false');
      if (!(await sandbox.list()).some((fault) => fault.name === name)) return reply.callNotFound();
      await sandbox.set(name, on === 'true');
      return wantsJson(request) ? reply.send({ name, on: on === 'true' }) : reply.redirect('/#faults', 303);
    },
  );
}

/** Through the server's own route, so that its token, its limits and its answers hold. */
function start(app: FastifyInstance, request: FastifyRequest, suite: string) {
  const token = tokenOf(request);
  return app.inject({
    method: 'POST',
    url: `/run/${encodeURIComponent(suite)}?wait=false`,
    remoteAddress: request.ip,
    headers: { accept: 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
  });
}

/** From the header the script sets, or from the form's field. */
function tokenOf({ headers, body }: FastifyRequest): string | undefined {
  const fromForm = [(body as Form | undefined)?.token].flat()[0];
  return headers.authorization?.replace(/^Bearer /i, '') ?? fromForm;
}

/** A page of another site must not run suites by the browser of whoever looks at it. */
async function refuseOtherSites({ headers }: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  if (!isOfOtherSite(headers)) return undefined;
  return refuse(reply, 403, 'Forbidden', 'This form was sent by a page of another site');
}

function refuse(reply: FastifyReply, statusCode: number, error: string, message: string): FastifyReply {
  return reply.code(statusCode).send({ statusCode, error, message } satisfies Refusal);
}

function messageOf(payload: string): string {
  try {
    return String((JSON.parse(payload) as Partial<Refusal>).message ?? 'The run did not start');
  } catch {
    return 'The run did not start';
  }
}
