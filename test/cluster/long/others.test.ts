/** The rest of what breaks: the same components paused instead of stopped, and those below them. */
import { after, before, test } from 'node:test';
import { table } from '../../tables.ts';
import { logsCanBeRead, newServiceOfHttp, openStage, type Stage, type Window } from '../alone/stage.ts';
import { faultsHead } from '../diagnosis.ts';
import { noFaults } from '../kit.ts';

const windows: readonly Window[] = [
  {
    breaks: ['scheduler', 'pause'],
    heals: ['scheduler', 'resume'],
    seconds: 10,
    suites: ['deployment', 'service', 'http', 'dns'],
  },
  {
    breaks: ['controller-manager', 'pause'],
    heals: ['controller-manager', 'resume'],
    seconds: 10,
    suites: ['namespace', 'service', 'http', 'dns'],
  },
  {
    breaks: ['dns', 'pause'],
    heals: ['dns', 'resume'],
    seconds: 10,
    suites: ['dns', 'http', 'service', 'deployment_service'],
  },
  {
    breaks: ['kube-proxy', 'host', 'pause'],
    heals: ['kube-proxy', 'host', 'resume'],
    seconds: 10,
    suites: ['http', 'service', 'deployment_service', 'dns'],
    afterwards: newServiceOfHttp,
  },
  {
    breaks: ['kubelet', '2', 'pause'],
    heals: ['kubelet', '2', 'resume'],
    seconds: 20,
    hurry: false,
    suites: ['deployment', 'service', 'deployment_service', 'dns'],
    restored: logsCanBeRead,
  },
  {
    breaks: ['containerd', '2', 'stop'],
    heals: ['containerd', '2', 'start'],
    seconds: 20,
    hurry: false,
    suites: ['deployment', 'service', 'deployment_service', 'dns'],
    restored: logsCanBeRead,
  },
  {
    breaks: ['containerd', '2', 'pause'],
    heals: ['containerd', '2', 'resume'],
    seconds: 20,
    hurry: false,
    suites: ['deployment', 'service', 'deployment_service', 'dns'],
    restored: logsCanBeRead,
  },
  {
    breaks: ['apiserver', 'pause'],
    heals: ['apiserver', 'resume'],
    seconds: 8,
    suites: ['deployment', 'http', 'dns'],
  },
  {
    breaks: ['etcd', 'stop'],
    heals: ['etcd', 'start'],
    seconds: 8,
    suites: ['deployment', 'http', 'dns'],
  },
  {
    breaks: ['etcd', 'pause'],
    heals: ['etcd', 'resume'],
    seconds: 8,
    suites: ['deployment', 'http', 'dns'],
  },
];

test('other faults', { skip: noFaults }, async (t) => {
  let stage: Stage;
  before(async () => {
    stage = await openStage('others');
  });
  after(async () => {
    await stage?.close();
    table('docs/diagnosis.md', 'other-faults', faultsHead, stage?.rows ?? []);
  });
  for (const window of windows) {
    await t.test(`${window.breaks.join(' ')}: named, and only what needs it is red`, (t) =>
      stage.check(window, t.diagnostic.bind(t)),
    );
  }
});
