/** Each suite goes red for its fault and for nothing else, and green again without anybody's help. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { table } from '../../tables.ts';
import { assertDiagnosed, clockFor, faultsHead } from '../diagnosis.ts';
import { openDrive } from '../drive.ts';
import { fault, hurryPods, noFaults } from '../kit.ts';
import { assertPassed, describeRun } from '../say.ts';
import { logsCanBeRead, namesResolve, newServiceOfHttp, openStage, type Stage } from './stage.ts';

test('faults', { skip: noFaults }, async (t) => {
  let stage: Stage;
  before(async () => {
    stage = await openStage('faults');
  });
  after(async () => {
    await stage?.close();
    table('docs/diagnosis.md', 'faults', faultsHead, stage?.rows ?? []);
  });

  await t.test('scheduler stopped: new pods find no node, and what stands is fine', async (t) => {
    await stage.check(
      {
        breaks: ['scheduler', 'stop'],
        heals: ['scheduler', 'start'],
        seconds: 12,
        suites: [
          'deployment',
          'deployment_update',
          'http_update',
          'deployment_scale',
          'deployment_scale_service',
          'control_plane',
          'namespace',
          'service',
          'deployment_service',
          'http',
          'dns',
        ],
      },
      t.diagnostic.bind(t),
    );
  });

  await t.test('controller-manager stopped: nothing follows from what is asked, and what stands is fine', async (t) => {
    await stage.check(
      {
        breaks: ['controller-manager', 'stop'],
        heals: ['controller-manager', 'start'],
        seconds: 10,
        suites: [
          'control_plane',
          'namespace',
          'service',
          'deployment',
          'deployment_update',
          'http_update',
          'deployment_scale',
          'deployment_scale_service',
          'deployment_service',
          'http',
          'dns',
        ],
      },
      t.diagnostic.bind(t),
    );
  });

  await t.test('DNS stopped: only what asks for a name notices', async (t) => {
    await stage.check(
      {
        breaks: ['dns', 'stop'],
        heals: ['dns', 'start'],
        seconds: 10,
        suites: ['dns', 'http', 'service', 'deployment_service'],
        restored: namesResolve,
      },
      t.diagnostic.bind(t),
    );
  });

  await t.test('kube-proxy stopped: a new service does not answer, one that stands does', async (t) => {
    await stage.check(
      {
        breaks: ['kube-proxy', 'host', 'stop'],
        heals: ['kube-proxy', 'host', 'start'],
        seconds: 10,
        suites: ['http', 'service', 'deployment_service', 'dns'],
        afterwards: newServiceOfHttp,
      },
      t.diagnostic.bind(t),
    );
  });

  await t.test('kube-proxy of one node stopped: a new service does not answer at that node', async (t) => {
    await stage.check(
      {
        breaks: ['kube-proxy', '2', 'stop'],
        heals: ['kube-proxy', '2', 'start'],
        seconds: 10,
        suites: ['node_port', 'http', 'deployment_service'],
      },
      t.diagnostic.bind(t),
    );
  });

  await t.test('provisioner stopped: a claim gets no volume, and what has none is fine', async (t) => {
    await stage.check(
      {
        breaks: ['add-ons', 'stop'],
        heals: ['add-ons', 'start'],
        seconds: 10,
        suites: ['volume', 'service', 'deployment_service'],
      },
      t.diagnostic.bind(t),
    );
  });

  await t.test('one kubelet stopped: its pods neither start nor go, and those that run still answer', async (t) => {
    await stage.check(
      {
        breaks: ['kubelet', '2', 'stop'],
        heals: ['kubelet', '2', 'start'],
        seconds: 20,
        hurry: false,
        suites: ['deployment', 'deployment_scale', 'http', 'namespace', 'service', 'deployment_service', 'dns'],
        restored: logsCanBeRead,
      },
      t.diagnostic.bind(t),
    );
  });

  await t.test('a node cut off: its pods do not answer', async (t) => {
    await stage.check(
      {
        breaks: ['node', '2', 'cut'],
        heals: ['node', '2', 'heal'],
        seconds: 10,
        hurry: false,
        suites: ['deployment', 'http', 'service', 'deployment_service', 'dns'],
      },
      t.diagnostic.bind(t),
    );
  });

  await t.test('API server restarted in mid-run: survived', async (t) => {
    let restart: Promise<void> | undefined;
    const drive = await openDrive({
      prefix: stage.prefix,
      record: (event) => {
        if (event.type === 'step-started' && event.step === 'Wait on pods ready') {
          restart ??= fault('apiserver', 'restart');
        }
      },
    });
    const slowDown = hurryPods(stage.admin, stage.prefix);
    try {
      const results = [...(await drive.run('deployment', 'deployment_service')).values()];
      await restart;
      for (const result of results) t.diagnostic(describeRun(result));
      assert.ok(restart, 'the API server was restarted');
      assertPassed(results);
    } finally {
      slowDown();
      await restart;
      await drive.close();
    }
  });

  await t.test('API server away for longer than the deadline: failed, in mid-run and at the start', async (t) => {
    const breaks = ['apiserver', 'stop'];
    const eventTimeoutSeconds = 6;
    const clock = clockFor(breaks);
    let stop: Promise<void> | undefined;
    const drive = await openDrive({
      prefix: stage.prefix,
      eventTimeoutSeconds,
      record: (event) => {
        clock.record(event);
        if (stop || event.type !== 'step-started' || event.step !== 'Create Deployment') return;
        clock.start();
        stop = fault(...breaks);
      },
    });
    try {
      const caught = (await drive.run('deployment')).get('deployment');
      await stop;
      const late = (await drive.run('http')).get('http');
      for (const result of [caught, late]) if (result) t.diagnostic(describeRun(result));
      for (const result of [caught, late]) {
        assert.equal(result?.status, 'failed');
        const wrong = result.steps.find(({ findings }) => findings.length > 0);
        assert.equal(wrong?.findings[0]?.code, 'api.max_retries_exceeded');
      }
      const red = [caught, late].filter((result) => result !== undefined);
      stage.rows.push(assertDiagnosed(breaks, eventTimeoutSeconds, red, clock));
    } finally {
      await fault('apiserver', 'start');
      await drive.close();
    }
    assertPassed(await stage.runHealed(['deployment', 'http'], t.diagnostic.bind(t)));
  });
});
