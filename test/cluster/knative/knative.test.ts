/** The product on a real Knative Serving. What sends the ticks in place of PingSource's adapter is the test cluster's own. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Health } from '../../../runtime/model/health.ts';
import type { RunReply, RunResult } from '../../../runtime/model/result.ts';
import { clearGround, clearKept, kubectl } from '../../deploy/stage.ts';
import { eventually } from '../../eventually.ts';
import { allSuites, supportedSuites } from '../drive.ts';
import { fault } from '../kit.ts';
import {
  applyProduct,
  ask,
  installServing,
  namespace,
  noKnative,
  page,
  podsOf,
  serviceOf,
  tick,
  token,
} from './serving.ts';

const inNamespace = ['-n', namespace];
const replyOf = ({ body }: { body: string }) => JSON.parse(body) as RunReply;
const health = () => page<Health>('/health');
const runAtPage = (suite: string, id: string) => page<Partial<RunResult>>(`/results/${suite}/${id}`);
const setTicks = (schedule: string) =>
  Promise.all(
    allSuites.map((suite) => {
      const patch = JSON.stringify({ spec: { schedule } });
      return kubectl([...inNamespace, 'patch', 'pingsource', serviceOf(suite), '--type=merge', '-p', patch]);
    }),
  );

/** What Prometheus would scrape; '' where nobody answers yet. */
async function figures(): Promise<string> {
  const address = ['get', 'service', 'kube-e2etests-statsd-exporter', '-o', 'jsonpath={.spec.clusterIP}'];
  const exporter = await kubectl([...inNamespace, ...address]);
  const reply = await fetch(`http://${exporter}:9102/metrics`).catch(() => undefined);
  return (await reply?.text()) ?? '';
}

describe('on a real Knative', { skip: noKnative, timeout: 1_400_000 }, () => {
  before(async () => {
    await clearGround();
    await installServing();
    await kubectl(['wait', '--for=delete', '--timeout=110s', `namespace/${namespace}`]).catch(() => undefined);
    await applyProduct();
  });
  after(async () => {
    await clearKept().catch(() => undefined);
    await clearGround();
  });

  test('kubectl apply -k as documented: every Service becomes ready', async () => {
    const wait = [
      'wait',
      '--for=condition=Ready',
      '--timeout=180s',
      'services.serving.knative.dev',
      '--all',
      '-o',
      'name',
    ];
    const ready = (await kubectl([...inNamespace, ...wait])).trim().split('\n');
    assert.equal(ready.length, allSuites.length + 1);
  });

  test('ticks run every suite from zero, and the page and the exporter have them all', async (t) => {
    await setTicks('* * * * *');
    const seen = await eventually('every suite passes', 480_000, health, ({ status }) => status === 'passing');
    await setTicks('0 0 1 1 *');
    assert.deepEqual(seen.suites.map(({ suite }) => suite).sort(), [...allSuites].sort());
    t.diagnostic(seen.suites.map(({ suite, lastRun }) => `${suite} ${lastRun?.durationMs.toFixed(0)} ms`).join(', '));
    const wanted = supportedSuites.flatMap((suite) => [
      new RegExp(`^e2etest_runs_total\\{status="passed",suite="${suite}"\\} [1-9]`, 'm'),
      new RegExp(`^e2etest_suite_state\\{state="passed",suite="${suite}"\\} 1$`, 'm'),
      new RegExp(`^e2etest_diagnosis\\{component="scheduler",suite="${suite}"\\} 0$`, 'm'),
    ]);
    const missing = async () => {
      const text = await figures();
      return wanted.filter((line) => !line.test(text)).map(String);
    };
    // Figures go at the end of a run, after its clean-up; the page has the verdict before.
    await eventually('figures of every suite', 240_000, missing, (lines) => lines.length === 0);
    assert.doesNotMatch(await figures(), /^e2etest_unmapped\S* [1-9]/m);
  });

  test('a tick that is sent again, and another one during the run, are one run', async () => {
    const [first, again, other] = await Promise.all([
      tick('deployment_update', 'once'),
      tick('deployment_update', 'once'),
      tick('deployment_update', 'meanwhile'),
    ]);
    const late = await tick('deployment_update', 'once');
    for (const answer of [first, again, other, late]) assert.equal(answer.status, 200, answer.body.slice(0, 500));
    assert.equal(new Set([first, again, other, late].map((answer) => replyOf(answer).id)).size, 1);
    assert.equal(replyOf(first).status, 'passed');
  });

  test('a run longer than the revision may answer goes on to its end, and the page has it', async () => {
    // Pods that come and go: never done within a second.
    const slow = 'deployment';
    const change = (timeout: number) =>
      JSON.stringify({
        spec: { template: { spec: { timeoutSeconds: timeout, responseStartTimeoutSeconds: timeout } } },
      });
    const service = `services.serving.knative.dev/${serviceOf(slow)}`;
    const patch = (timeout: number) =>
      kubectl([...inNamespace, 'patch', service, '--type=merge', '-p', change(timeout)]);
    const ready = () => kubectl([...inNamespace, 'wait', '--for=condition=Ready', '--timeout=180s', service]);
    await patch(1);
    await ready();
    // A tick that ends while its pod starts begins no run.
    const alive = () => ask(serviceOf(slow), '/livez');
    await eventually('a pod', 120_000, alive, ({ status }) => status === 200);
    const before = (await page<{ runs: readonly { id: string }[] }>(`/results/${slow}`)).runs[0]?.id;
    const cut = await tick(slow, 'too-long');
    assert.equal(cut.status, 504);
    const runs = () => page<{ runs: readonly { id: string; status: string }[] }>(`/results/${slow}`);
    const { runs: now } = await eventually('the run at the page', 180_000, runs, (seen) => seen.runs[0]?.id !== before);
    assert.ok(['passed', 'errored'].includes(now[0]?.status ?? ''), now[0]?.status);
    await patch(300);
    await ready();
    assert.equal(replyOf(await tick(slow, 'after')).status, 'passed');
  });

  test('a pod that is deleted in mid-run finishes it, and the next tick has a pod of its own', async () => {
    const running = tick('http_update', 'deleted');
    const [pod] = await eventually(
      'a pod',
      120_000,
      () => podsOf(serviceOf('http_update')),
      (pods) => pods.length > 0,
    );
    const underway = async () => (await page<{ results: { suite: string; at: string }[] }>('/results')).results;
    const began = Date.now();
    const isOfNow = ({ suite, at }: { suite: string; at: string }) => suite === 'http_update' && Date.parse(at) > began;
    await eventually('a step of the run', 120_000, underway, (rows) => rows.some(isOfNow));
    await kubectl([...inNamespace, 'delete', 'pod', pod ?? '', '--wait=false']);
    const answer = await running;
    assert.equal(answer.status, 200, answer.body.slice(0, 500));
    assert.equal(replyOf(answer).status, 'passed');
    assert.equal(replyOf(await tick('http_update', 'next')).status, 'passed');
  });

  test('a page that starts anew takes what comes', async () => {
    await kubectl([...inNamespace, 'delete', 'pod', ...(await podsOf('kube-e2etests-page'))]);
    await eventually(
      'a page',
      120_000,
      () => podsOf('kube-e2etests-page'),
      (pods) => pods.length > 0,
    );
    const { id } = replyOf(await tick('service', 'new-page'));
    await eventually(
      'the run at the new page',
      60_000,
      () => runAtPage('service', id),
      ({ status }) => status === 'passed',
    );
  });

  test('an exporter that starts anew gets the figures of the next run', async () => {
    const selector = ['-l', 'app.kubernetes.io/name=kube-e2etests-statsd-exporter'];
    await kubectl([...inNamespace, 'delete', 'pods', ...selector]);
    await kubectl([...inNamespace, 'rollout', 'status', 'deployment/kube-e2etests-statsd-exporter', '--timeout=180s']);
    await tick('dns', 'new-exporter');
    await eventually('a run of dns', 60_000, figures, (text) =>
      /e2etest_runs_total\{status="passed",suite="dns"\} [1-9]/.test(text),
    );
  });

  test('with a wrong token the suite runs, and the page takes nothing of it', async () => {
    const set = (value: string) => {
      const data = JSON.stringify({ stringData: { token: value } });
      return kubectl([...inNamespace, 'patch', 'secret', 'kube-e2etests-token', '--type=merge', '-p', data]);
    };
    await eventually(
      'zero',
      180_000,
      () => podsOf(serviceOf('service')),
      (pods) => pods.length === 0,
    );
    await set('another');
    const { id, status } = replyOf(await tick('service', 'wrong-token'));
    assert.equal(status, 'passed');
    assert.equal((await ask('kube-e2etests-page', `/results/service/${id}`)).status, 404);
    const [pod] = await podsOf(serviceOf('service'));
    assert.match(await kubectl([...inNamespace, 'logs', pod ?? '', '-c', 'user-container']), /403/);
    await set(token);
  });

  test('suites that do not start are told, each with what is in its way, and pass again when it is gone', async (t) => {
    const suites = ['dns', 'service'] as const;
    await setTicks('0 0 1 1 *');
    for (const suite of suites)
      await eventually(
        'zero',
        240_000,
        () => podsOf(serviceOf(suite)),
        (pods) => pods.length === 0,
      );
    /** What stands may stay, and no pod more: also none for one that goes meanwhile. */
    const useUp = () => kubectl([...inNamespace, 'create', 'quota', 'used-up', '--hard=pods=1']);
    const latest = async (suite: string) => (await page<{ latest: RunResult | null }>(`/results/${suite}`)).latest;
    const tickMinutely = (suite: string, schedule: string) => {
      const patch = JSON.stringify({ spec: { schedule } });
      return kubectl([...inNamespace, 'patch', 'pingsource', serviceOf(suite), '--type=merge', '-p', patch]);
    };
    const isNamed = (component: string) => (run: RunResult | null) => run?.diagnosis?.component === component;
    const began = Date.now();
    await fault('scheduler', 'stop');
    try {
      await tickMinutely('dns', '* * * * *');
      await eventually(
        'a pod of dns, made and not placed',
        240_000,
        () => podsOf(serviceOf('dns')),
        (pods) => pods.length > 0,
      );
      // The quota comes when the pod of dns counts already: each suite has one thing in its way.
      await useUp();
      await tickMinutely('service', '* * * * *');
      const named = await eventually(
        'dns is late, for the scheduler',
        480_000,
        () => latest('dns'),
        isNamed('scheduler'),
      );
      assert.equal(named?.status, 'failed');
      const { headline } = await health();
      assert.equal(headline?.component, 'scheduler');
      const lateS = Math.round((Date.parse(named?.finishedAt ?? '') - Date.parse(named?.startedAt ?? '')) / 1000);
      t.diagnostic(`dns: said ${lateS} s after its tick`);
      const refused = await eventually(
        'service is late, for the quota',
        480_000,
        () => latest('service'),
        isNamed('quota'),
      );
      assert.equal(refused?.status, 'errored');
    } finally {
      await fault('scheduler', 'start');
      await kubectl([...inNamespace, 'delete', 'quota', 'used-up', '--ignore-not-found']);
    }
    for (const suite of suites)
      await eventually(
        `${suite} passes again`,
        480_000,
        () => latest(suite),
        (run) => run?.status === 'passed',
      );
    await Promise.all(suites.map((suite) => tickMinutely(suite, '0 0 1 1 *')));
    t.diagnostic(`all of it took ${Math.round((Date.now() - began) / 1000)} s`);
  });

  test('a revision whose image is not there leaves the one before it at work', async () => {
    const service = `services.serving.knative.dev/${serviceOf('dns')}`;
    const image = (
      await kubectl([...inNamespace, 'get', service, '-o', 'jsonpath={.spec.template.spec.containers[0].image}'])
    ).trim();
    const set = (value: string) => {
      const change = [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value }];
      return kubectl([...inNamespace, 'patch', service, '--type=json', '-p', JSON.stringify(change)]);
    };
    await set(`${image}-missing`);
    const pods = () =>
      kubectl([...inNamespace, 'get', 'pods', '-l', `serving.knative.dev/service=${serviceOf('dns')}`]);
    await eventually('a pod without its image', 240_000, pods, (text) => /ErrImagePull|ImagePullBackOff/.test(text));
    assert.equal(replyOf(await tick('dns', 'broken-image')).status, 'passed');
    await set(image);
    await kubectl([...inNamespace, 'wait', '--for=condition=Ready', '--timeout=180s', service]);
  });
});
