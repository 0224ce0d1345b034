/**
 * The health page as a fastify plugin. It reads the store and the health fold; what changes something goes through the
 * server's own routes, so that tokens and limits hold here as well.
 */
import { parse } from 'node:querystring';
import type { FastifyInstance } from 'fastify';
import { healthOfSuite, originOf } from '../memory/cluster-health.ts';
import { unfinishedRun } from '../memory/underway.ts';
import type { SuiteState } from '../model/health.ts';
import { registerActions } from './actions.ts';
import { assets } from './assets.ts';
import { badge } from './badge.ts';
import { episodesFeed, episodesPage } from './episodes-page.ts';
import { favicon } from './layout.ts';
import { overview } from './overview.ts';
import { sendAsset, sendImage, sendPage, wantsJson } from './replies.ts';
import { noRunPage, runPage, unfinishedPage } from './run-page.ts';
import { type DashboardOptions, sceneOf } from './scene.ts';
import { stepsPage } from './steps-page.ts';
import { suitePage } from './suite-page.ts';

const states: readonly SuiteState[] = ['passing', 'slow', 'failing', 'errored', 'stale', 'unknown', 'unsupported'];

export async function dashboard(app: FastifyInstance, options: DashboardOptions): Promise<void> {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 4_096 },
    (_, body, done) => done(null, parse(String(body))),
  );
  // Pages for people; the description of the routes is for programs.
  app.addHook('onRoute', (route) => {
    route.schema = { ...route.schema, hide: true };
  });
  registerPages(app, options);
  registerImages(app, options);
  registerActions(app, options);
  for (const asset of [assets.css, assets.js]) app.get(asset.path, (_, reply) => sendAsset(reply, asset));
}

/** The first of a parameter that may come several times. */
const one = (value: string | string[] | undefined) => [value].flat()[0];

function registerPages(app: FastifyInstance, options: DashboardOptions): void {
  const { store } = options;

  app.get('/', async (request, reply) => {
    const { suites, q, state } = request.query as Record<string, string | string[] | undefined>;
    const only = suites === undefined ? undefined : new Set([suites].flat());
    const faults = only ? undefined : await options.sandbox?.list();
    return sendPage(reply, overview(sceneOf(options), { faults, only, filter: { q: one(q), state: one(state) } }));
  });

  app.get('/steps', (request, reply) => {
    const { q, status, origin, page } = request.query as Record<string, string | string[] | undefined>;
    return sendPage(
      reply,
      stepsPage(sceneOf(options), { q: one(q), status: one(status), origin: one(origin), page: Number(one(page)) }),
    );
  });

  app.get('/episodes', (request, reply) => {
    if (wantsJson(request)) return reply.header('vary', 'accept').send(store.episodes);
    return sendPage(reply, episodesPage(sceneOf(options)));
  });
  app.get('/episodes.json', (_, reply) => reply.header('cache-control', 'no-store').send(store.episodes));
  app.get('/episodes.atom', (_, reply) =>
    reply
      .header('cache-control', 'no-store')
      .type('application/atom+xml; charset=utf-8')
      .send(episodesFeed(sceneOf(options))),
  );

  app.get<{ Params: { suite: string } }>('/suites/:suite', (request, reply) => {
    const { suite } = request.params;
    const scene = sceneOf(options);
    const found = healthOfSuite(scene.health, suite);
    const runs = store.history(suite, originOf(found));
    if (runs.length === 0 && !options.suites.some(({ name }) => name === suite)) return reply.callNotFound();
    return sendPage(reply, suitePage(scene, suite, runs));
  });

  app.get<{ Params: { id: string } }>('/runs/:id', (request, reply) => {
    const { id } = request.params;
    const run = store.run(id);
    const unfinished = run ? undefined : unfinishedRun(store, options.runner, id);
    if (wantsJson(request)) {
      if (!run && !unfinished) return reply.callNotFound();
      return reply
        .code(run ? 200 : 202)
        .header('vary', 'accept')
        .send(run ?? unfinished);
    }
    if (run) return sendPage(reply, runPage(sceneOf(options), run));
    return unfinished
      ? sendPage(reply.code(202), unfinishedPage(sceneOf(options), unfinished))
      : sendPage(reply.code(404), noRunPage(sceneOf(options), id));
  });
}

function registerImages(app: FastifyInstance, options: DashboardOptions): void {
  for (const state of states) {
    const image = favicon(state);
    app.get(`/favicon-${state}.svg`, (_, reply) => sendImage(reply, image, 'public, max-age=86400'));
  }
  app.get('/favicon.ico', (_, reply) => sendImage(reply, favicon(options.health().status), 'no-cache'));
  app.get('/badge.svg', (_, reply) => sendImage(reply, badge('cluster', options.health().status).text, 'no-cache'));
  app.get<{ Params: { file: string } }>('/badge/:file', (request, reply) => {
    const { file } = request.params;
    const suite = file.slice(0, -'.svg'.length);
    const found = file.endsWith('.svg') && healthOfSuite(options.health(), suite);
    return found ? sendImage(reply, badge(suite, found.state).text, 'no-cache') : reply.callNotFound();
  });
}
