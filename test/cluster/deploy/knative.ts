/** Each suite's process alone, with the environment of its Knative Service, triggered as its PingSource does it. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { StepRow } from '../../../runtime/memory/store.ts';
import type { Health } from '../../../runtime/model/health.ts';
import type { RunReply, RunResult } from '../../../runtime/model/result.ts';
import { build, type Manifest, noKubectl, ofKind, podTemplate } from '../../deploy/manifests.ts';
import { applyGround, clearKept } from '../../deploy/stage.ts';
import { allSuites, patience, supportedSuites } from '../drive.ts';
import { type Admin, hurryPods, noCluster, openAdmin } from '../kit.ts';
import { type Product, serveProduct } from '../process.ts';

const skip = noCluster || noKubectl;
const token = 'a-token-of-the-test';

describe('a Knative-shaped run', { skip, timeout: 600_000 }, () => {
  const knative = skip ? [] : build('knative');
  const sources = ofKind(knative, 'sources.knative.dev/v1', 'PingSource');
  const isSupported = (suite: string) => supportedSuites.includes(suite);
  const processes: Product[] = [];
  let admin: Admin;
  let stopHurrying: () => void;
  let page: Product & { url: string };

  before(async () => {
    await applyGround(build('manifests'));
    admin = openAdmin();
    stopHurrying = hurryPods(admin, 'kube-e2etests-');
    page = await serve('kube-e2etests-page');
  });
  after(async () => {
    await Promise.all([...processes, page].map((one) => one?.end()));
    stopHurrying?.();
    await admin?.close();
    await clearKept();
  });

  async function serve(name: string): Promise<Product & { url: string }> {
    const service = ofKind(knative, 'serving.knative.dev/v1', 'Service').find(
      ({ metadata }) => metadata.name === name,
    )!;
    const started = await serveProduct('kube-e2etests', {
      ...environmentOf(service),
      ...hereInstead(service, page?.url),
    });
    if (name !== 'kube-e2etests-page') processes.push(started);
    return started;
  }

  /** The run as the page has it. Reports are sent after the answer: until it is there with all of its steps. */
  const reported = async ({ suite, id, steps }: RunReply) => {
    for (const began = performance.now(); ; await pause(50)) {
      const reply = await fetch(`${page.url}/results/${suite}/${id}`);
      const run = (await reply.json()) as RunResult;
      if (reply.ok && run.steps.length === steps.length) return run;
      assert.ok(performance.now() - began < 60_000, `the page has no run ${id} of ${suite}: ${JSON.stringify(run)}`);
    }
  };

  test('a tick, its retry and another tick at once are one run, whose steps arrive at the page', async () => {
    const runs = await Promise.all(
      sources.map(async ({ spec }) => {
        const { url } = await serve(spec.sink.ref.name);
        const sink = url + spec.sink.uri;
        const [first, other] = [randomUUID(), randomUUID()];
        const replies = await Promise.all([tick(sink, first), tick(sink, first), tick(sink, other)]);
        const late = await tick(sink, first);
        return [...replies, late];
      }),
    );
    assert.equal(runs.length, allSuites.length);
    for (const replies of runs) {
      const [{ body: run }] = replies as [Reply, ...Reply[]];
      const findings = JSON.stringify(run.steps?.flatMap((step) => step.findings));
      assert.deepEqual(
        replies.map(({ status }) => status),
        [200, 200, 200, 200],
        run.suite,
      );
      const [, again, { body: other }, late] = replies as [Reply, Reply, Reply, Reply];
      for (const { body } of [again, late]) assert.equal(body.id, run.id, run.suite);
      // The run may be over when the other tick arrives, which then is a run of its own.
      if (other.id !== run.id) assert.ok(Date.parse(other.startedAt) >= Date.parse(run.finishedAt), run.suite);
      assert.equal(run.status, isSupported(run.suite) ? 'passed' : 'unsupported', `${run.suite}: ${findings}`);
      assert.equal(run.trigger, 'event');
      const { joined: _, ...plain } = run;
      assert.deepEqual(kept(await reported(run)), kept(plain), run.suite);
    }
    const { results } = (await (await fetch(`${page.url}/results`)).json()) as { results: readonly StepRow[] };
    assert.deepEqual(
      [...new Set(results.map(({ suite }) => suite))].sort(),
      runs.map(([run]) => run!.body.suite).sort(),
    );
    const wanted = (suite: string) => (isSupported(suite) ? 'passed' : 'skipped');
    assert.ok(results.every(({ suite, status }) => status === wanted(suite)));
    assert.ok(results.every(({ origin }) => origin === 'remote'));
  });

  test('the page is healthy by what is reported to it, and runs nothing itself', async () => {
    const reply = await fetch(`${page.url}/health`);
    const { suites } = (await reply.json()) as Health;
    assert.deepEqual(
      suites.map(({ suite, state, remote }) => [suite, state, remote]),
      allSuites.map((suite) => [suite, isSupported(suite) ? 'passing' : 'unsupported', true]),
    );
    assert.equal(reply.status, 200);
  });

  test('the page takes no report without the token, and a suite takes its tick without one', async () => {
    const body = JSON.stringify({
      name: 'forged',
      passing: true,
      info: null,
      namespace: 'x',
      time: '2026-01-01 00:00:00',
    });
    const headers = { 'content-type': 'application/json' };
    assert.equal((await fetch(`${page.url}/update`, { method: 'POST', headers, body })).status, 401);
    assert.equal((await fetch(`${page.url}/run/dns`, { method: 'POST' })).status, 401);
  });

  test('SIGTERM in mid-run: the run finishes, its sender gets the result, no other begins, the page has it all', async () => {
    const alone = await serve('kube-e2etests-deployment');
    const reply = tick(`${alone.url}/run/deployment`, randomUUID());
    await underway('kube-e2etests-deployment', admin);
    alone.kill('SIGTERM');
    await alone.shows('stopping');
    assert.equal((await tick(`${alone.url}/run/deployment`, randomUUID())).status, 503);
    const { status, body } = await reply;
    assert.deepEqual([status, body.status], [200, 'passed']);
    assert.equal(await alone.ended, 0);
    assert.equal((await reported(body)).status, 'passed');
    const { items } = await admin.apps.listNamespacedDeployment({ namespace: 'kube-e2etests-deployment' });
    assert.deepEqual(items, []);
  });
});

/** What a page keeps of a run. */
function kept(run: RunResult): RunResult {
  const steps = run.steps.map((step) => ({ ...step, durationMs: Math.round(step.durationMs), measurements: [] }));
  return { ...run, steps };
}

interface Reply {
  readonly status: number;
  readonly body: RunReply;
}

/** As the PingSource adapter sends it: binary mode, empty body, no content type. */
async function tick(sink: string, id: string): Promise<Reply> {
  const reply = await fetch(sink, {
    method: 'POST',
    headers: {
      'ce-specversion': '1.0',
      'ce-type': 'dev.knative.sources.ping',
      'ce-source': '/apis/v1/namespaces/kube-e2etests/pingsources/any',
      'ce-id': id,
      'ce-time': new Date().toISOString(),
    },
    signal: AbortSignal.timeout(300_000),
  });
  return { status: reply.status, body: (await reply.json()) as RunReply };
}

/** The settings that the container would have. */
function environmentOf(service: Manifest): Record<string, string> {
  const [container] = podTemplate(service).spec.containers;
  const settings = ofKind(build('knative'), 'v1', 'ConfigMap').find(
    ({ metadata }) => metadata.name === container.envFrom[0].configMapRef.name,
  )!;
  const values = (container.env as { name: string; value?: string }[]).map(({ name, value = token }) => [name, value]);
  return { ...settings.data, ...Object.fromEntries(values) };
}

/** What is elsewhere for a process outside of the cluster. */
function hereInstead(service: Manifest, pageUrl: string | undefined): Record<string, string> {
  const isPage = service.metadata.name === 'kube-e2etests-page';
  return {
    STATSD_HOST: '',
    CREATE_NAMESPACES: 'false',
    EVENT_TIMEOUT_SECONDS: String(patience),
    ...(!isPage && { REPORT_URL: pageUrl! }),
  };
}

/** The deployment of the suite is there: the run is half way. */
async function underway(namespace: string, { apps }: Admin): Promise<void> {
  while ((await apps.listNamespacedDeployment({ namespace })).items.length === 0) await pause(20);
}
