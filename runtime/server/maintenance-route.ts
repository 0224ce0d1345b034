import type { FastifyInstance } from 'fastify';
import type { MaintenanceControl } from '../model/maintenance.ts';
import { clean } from '../words/text.ts';
import { requireToken } from './access.ts';
import type { AppOptions } from './app-options.ts';
import { sendError } from './error-reply.ts';
import { errorReply, maintenanceReply, runSecurity, tags } from './schemas.ts';

const largestBodyBytes = 4_096;
const longestReason = 300;
const mostMinutes = 7 * 24 * 60;
const example = 'as in {"minutes": 60, "reason": "Nodes are replaced"}';

/** GET, POST and DELETE /maintenance: a time in which nothing alerts. */
export async function maintenanceRoutes(app: FastifyInstance, options: AppOptions): Promise<void> {
  const { maintenance } = options;
  if (!maintenance) return;
  app.get(
    '/maintenance',
    {
      schema: {
        tags: tags.health,
        summary: 'The maintenance under way, and the next',
        response: { 200: maintenanceReply },
      },
    },
    (_, reply) => reply.header('cache-control', 'no-store').send(stateOf(maintenance)),
  );
  await app.register(async (changing) => changeRoutes(changing, maintenance, options));
}

function changeRoutes(app: FastifyInstance, maintenance: MaintenanceControl, options: AppOptions): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: largestBodyBytes }, (_, body, done) =>
    done(null, body),
  );
  app.addHook('onRequest', async ({ headers }) => {
    // Read as JSON whatever it calls itself, as POST /update is.
    headers['content-type'] = 'application/json';
  });
  app.addHook('onRequest', requireToken(options.runToken, options));
  const refusals = {
    401: { ...errorReply, description: 'A token is required' },
    403: { ...errorReply, description: 'Wrong token, or a cross-site request' },
  };

  app.post<{ Body: string | undefined }>(
    '/maintenance',
    {
      schema: {
        tags: tags.health,
        security: runSecurity,
        summary: 'Begin a maintenance now, in place of one that was asked for before',
        description: `JSON with minutes, 1 to ${mostMinutes}, and, if there is one, a reason of at most ${longestReason} characters. Runs go on. Notices wait until it is over, /health answers 200, service levels leave its runs out.`,
        response: {
          200: maintenanceReply,
          400: { ...errorReply, description: 'Not JSON' },
          ...refusals,
          413: { ...errorReply, description: 'The body is larger than 4 KB' },
          422: { ...errorReply, description: 'minutes or reason is wrong; the message says how' },
        },
      },
    },
    (request, reply) => {
      const body = parse(request.body ?? '');
      if (body === undefined)
        return sendError(reply, 400, `The body is not JSON: send minutes and a reason, ${example}`);
      const asked = read(body);
      if ('problem' in asked) return sendError(reply, 422, asked.problem);
      maintenance.begin(asked.minutes, asked.reason);
      return reply.send(stateOf(maintenance));
    },
  );

  app.delete(
    '/maintenance',
    {
      schema: {
        tags: tags.health,
        security: runSecurity,
        summary: 'End the maintenance under way, a scheduled one too; without one nothing changes',
        response: { 200: maintenanceReply, ...refusals },
      },
    },
    (_, reply) => {
      maintenance.finish();
      return reply.send(stateOf(maintenance));
    },
  );
}

function stateOf({ current, next }: MaintenanceControl) {
  return { maintenance: current ?? null, next: next ?? null };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function read(body: unknown): { readonly minutes: number; readonly reason: string } | { readonly problem: string } {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return { problem: `The body is not an object: send minutes and a reason, ${example}` };
  const { minutes, reason = '', ...others } = body as Record<string, unknown>;
  const [other] = Object.keys(others);
  if (other !== undefined)
    return {
      problem: `${JSON.stringify(other.slice(0, 60))} is not known here: send minutes and a reason, ${example}`,
    };
  if (typeof minutes !== 'number' || !(minutes >= 1 && minutes <= mostMinutes))
    return { problem: `minutes must be a number from 1 to ${mostMinutes}, for how long nothing alerts, ${example}` };
  if (typeof reason !== 'string' || reason.length > longestReason)
    return { problem: `reason must be text of at most ${longestReason} characters, or be left out, ${example}` };
  return { minutes, reason: clean(reason.replace(/\s+/g, ' ').trim(), longestReason) };
}
