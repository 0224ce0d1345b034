/** Builds the HTTP server and never listens: every route is testable with `inject`. */
import helmet from '@fastify/helmet';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { errorPage } from '../dashboard/error-page.ts';
import { dashboard } from '../dashboard/plugin.ts';
import { sendPage } from '../dashboard/replies.ts';
import { sceneOf } from '../dashboard/scene.ts';
import { tokenCheck } from './access.ts';
import type { AppOptions } from './app-options.ts';
import { findRoots, withoutBasePath } from './base-path.ts';
import { answerErrors, sendError } from './error-reply.ts';
import { healthRoute } from './health-route.ts';
import { maintenanceRoutes } from './maintenance-route.ts';
import { metricsRoute } from './metrics.ts';
import { describeRoutes } from './openapi.ts';
import { probeRoutes } from './probes.ts';
import { reportRoute } from './report.ts';
import { resultRoutes } from './results.ts';
import { runRoutes } from './run-route.ts';
import { sloRoutes } from './slo.ts';
import { streamRoute } from './stream.ts';
import { updateRoute } from './update.ts';
import { schemaController } from './validation.ts';

/** What a caller may send before it is cut off: its whole request within that time. */
const requestTimeoutMs = 30_000;

/** Before `app.close()`, close the runner: it answers the callers that wait; this cuts whoever is still connected. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: options.log,
    // Runs are logged; each look at the page or a probe is not.
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (error, _, reply) => sendError(reply, error.statusCode ?? 400, error.message),
    requestTimeout: requestTimeoutMs,
    // An open event stream would keep close() waiting for ever.
    forceCloseConnections: true,
    rewriteUrl: ({ url = '/' }) => withoutBasePath(url, options.basePath),
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    schemaController,
  });
  const { runToken, ...rest } = options;
  const pages = { ...rest, isTokenRight: runToken === undefined ? undefined : tokenCheck(runToken) };
  findRoots(app, options.basePath);
  answerErrors(app, {
    suites: options.suites,
    page: (reply, statusCode, message) => sendPage(reply, errorPage(sceneOf(pages), statusCode, message)),
  });
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: policy },
    // Without a referrer a browser sends Origin: null with the page's own forms, and they could not be told from others.
    referrerPolicy: { policy: 'same-origin' },
    // Not ours to say for the name that a proxy serves us under.
    strictTransportSecurity: false,
  });
  await describeRoutes(app);
  await app.register(probeRoutes, options);
  await app.register(runRoutes, options);
  await app.register(resultRoutes, options);
  await app.register(reportRoute, options);
  await app.register(healthRoute, options);
  await app.register(maintenanceRoutes, options);
  await app.register(sloRoutes, options);
  await app.register(metricsRoute, options);
  await app.register(updateRoute, options);
  await app.register(streamRoute, options);
  await app.register(dashboard, pages);
  return app;
}

const policy = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'"],
  'connect-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
};
