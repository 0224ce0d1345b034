/** The cronjob suite on the sandbox, whose minutes are short. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, openFront } from '../front.ts';

test('a CronJob fires when it may, in at most 14 requests, and rests, with one Job of the past, when it may not', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive({ eventTimeoutSeconds: 10 });
  for (let run = 1; run <= 3; run++) {
    const result = await drive.runOne(drive.suite('cronjob'));
    assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
    assert.ok(result.apiRequests.total <= 14, `${result.apiRequests.total} requests`);
  }
  const path = `/apis/batch/v1/namespaces/${drive.namespaceOf('cronjob')}`;
  const { body } = await front.direct('GET', `${path}/cronjobs`);
  assert.equal(body.items[0].spec.suspend, true);
  const jobs = await front.direct('GET', `${path}/jobs`);
  assert.ok(jobs.body.items.length <= 2, `${jobs.body.items.length} Jobs`);
});

test('one that fires although it is suspended is the fault of its controller', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive({ eventTimeoutSeconds: 10 });
  await drive.runOne(drive.suite('cronjob'));
  const path = `/apis/batch/v1/namespaces/${drive.namespaceOf('cronjob')}`;
  const { body } = await front.direct('GET', `${path}/cronjobs`);
  const { metadata, spec } = body.items[0].spec.jobTemplate;
  await front.direct('POST', `${path}/jobs`, { metadata: { ...metadata, name: 'too-much' }, spec });
  const result = await drive.runOne(drive.suite('cronjob'));
  const [found] = findingsIn(result);
  assert.deepEqual([result.status, found?.code, result.diagnosis?.part], ['failed', 'k8s.cron_wrong', 'cronjob']);
  assert.match(found?.message ?? '', /it was suspended, and made job\/too-much/);
});

test('one that was left to fire by a run that died is suspended by the next, which blames nobody', async (t) => {
  const front = await openFront(t);
  const drive = await front.drive({ eventTimeoutSeconds: 10 });
  await drive.runOne(drive.suite('cronjob'));
  const path = `/apis/batch/v1/namespaces/${drive.namespaceOf('cronjob')}/cronjobs/kubee2etestapp-cron`;
  const labels = { 'kube-e2etests.io/fired-for': 'dead' };
  const left = { spec: { suspend: false, jobTemplate: { metadata: { labels } } } };
  await front.direct('PATCH', path, left, 'application/merge-patch+json');
  const result = await drive.runOne(drive.suite('cronjob'));
  assert.equal(result.status, 'passed', findingsIn(result)[0]?.message);
});

test('an API server that serves batch/v1 without CronJobs does not offer it', async (t) => {
  const resources = [{ name: 'jobs', kind: 'Job', namespaced: true, singularName: 'job', verbs: ['get'] }];
  const body = { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: 'batch/v1', resources };
  const front = await openFront(t, {
    answer: ({ url }) => (/^\/apis\/batch\/v1\/?$/.test(url) ? { status: 200, body } : undefined),
  });
  const result = await front.run('cronjob', { env: { REQUIREMENTS: 'optional' } });
  assert.equal(result.status, 'unsupported', findingsIn(result)[0]?.message);
});
