/** What is broken on one node of a real cluster, as suites node_mesh and pod_dns find it: one finding that names the node and what is broken there. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { RunResult } from '../../../runtime/model/result.ts';
import { ImageBuilder, loadIntoNodes, noBuildah } from '../../deploy/image.ts';
import { table } from '../../tables.ts';
import { type Drive, openDrive } from '../drive.ts';
import { type Admin, fault, namespacesSettled, noFaults, openAdmin, removeNamespaces } from '../kit.ts';
import { iptables, lose } from '../packets.ts';
import { assertPassed, describeRun } from '../say.ts';

const prefix = 'mesh';
/** EVENT_TIMEOUT_SECONDS while something is broken. */
const seconds = 20;
const given = process.env.AGENT_IMAGE;
const podNetwork = ['-s', '10.244.0.0/16', '-d', '10.244.0.0/16'];

interface Break {
  readonly what: string;
  /** Code and node of every finding. */
  readonly found: readonly (readonly [string, string])[];
  readonly names: string;
  make(): Promise<() => Promise<unknown>>;
}

/** The kit's nodes have its host for a gateway, and that translates service addresses too: the gateway of a real node does not. */
async function withoutProxy(node: number): Promise<() => Promise<unknown>> {
  const untranslated = ['-t', 'mangle', 'POSTROUTING', '-d', '10.96.0.0/16', '-j', 'DROP'];
  const rule = (word: string) => iptables(node, ...untranslated.toSpliced(2, 0, word));
  await rule('-I');
  await fault('kube-proxy', String(node), 'stop');
  return async () => {
    await fault('kube-proxy', String(node), 'start');
    await rule('-D');
  };
}

const link = 'node-network (node2)';
const breaks: readonly Break[] = [
  {
    what: 'kube-proxy of node2 stopped',
    found: [['mesh.service_unreachable', 'node2']],
    names: 'kube-proxy (node2)',
    make: () => withoutProxy(2),
  },
  {
    what: 'kube-proxy of node2 stopped, its rules flushed',
    found: [['mesh.service_unreachable', 'node2']],
    names: 'kube-proxy (node2)',
    make: async () => {
      const heal = await withoutProxy(2);
      await iptables(2, '-t', 'nat', '-F', 'KUBE-SERVICES');
      return heal;
    },
  },
  {
    what: 'DNS packets of node2 dropped',
    found: [['mesh.dns_unreachable', 'node2']],
    names: 'dns (node2)',
    make: () => lose(2, '-p', 'udp', '--dport', '53'),
  },
  {
    what: 'packets from pods of node3 to node2 dropped, one direction',
    found: [['mesh.link_broken', 'node2']],
    names: link,
    make: () => lose(2, '-s', '10.244.3.0/24'),
  },
  {
    what: 'packets of more than 1,000 bytes lost at node2, an MTU black hole',
    found: [['mesh.large_answers_lost', 'node2']],
    names: link,
    make: () => lose(2, ...podNetwork, '-m', 'length', '--length', '1001:65535'),
  },
  {
    what: '30 % of the packets between pods lost at node2',
    found: [['mesh.slow', 'node2']],
    names: link,
    make: () => lose(2, ...podNetwork, '-m', 'statistic', '--mode', 'random', '--probability', '0.3'),
  },
  {
    what: 'all packets between pods lost at node2',
    found: [['mesh.node_unreachable', 'node2']],
    names: link,
    // Not those of its own kubelet, whose probes come from an address of the pods' range.
    make: async () => {
      const heals = [await lose(2, '-s', '10.244.1.0/24'), await lose(2, '-s', '10.244.3.0/24')];
      return () => Promise.all(heals.map((heal) => heal()));
    },
  },
  {
    what: 'DNS packets of node2 dropped, and kube-proxy of node3 stopped',
    found: [
      ['mesh.service_unreachable', 'node3'],
      ['mesh.dns_unreachable', 'node2'],
    ],
    names: 'kube-proxy (node3)',
    make: async () => {
      const heals = [await withoutProxy(3), await lose(2, '-p', 'udp', '--dport', '53')];
      return () => Promise.all(heals.map((heal) => heal()));
    },
  },
];

describe('the mesh of a real cluster', { skip: noFaults || (!given && noBuildah), timeout: 1_200_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-'));
  const rows: (readonly string[])[] = [];
  let image = given ?? '';
  let unload: (() => Promise<void>) | undefined;
  let admin: Admin;

  before(async () => {
    if (!given) {
      const builder = new ImageBuilder(folder);
      image = 'localhost/kube-e2etests:mesh';
      await builder.build(image, '0.1.0');
      unload = await loadIntoNodes(await builder.archive(image), image);
    }
    admin = openAdmin();
    await namespacesSettled(admin, prefix);
  });
  after(async () => {
    await removeNamespaces(admin, prefix);
    await admin?.close();
    await unload?.();
    rmSync(folder, { recursive: true });
    const head = ['broken', 'findings', 'headline', 'verdict after', 'EVENT_TIMEOUT_SECONDS'];
    table('docs/diagnosis.md', 'mesh', head, rows);
  });

  async function runMesh(eventTimeoutSeconds?: number, suite = 'node_mesh'): Promise<RunResult> {
    const env = { AGENT_IMAGE: image, IMAGE_PULL_POLICY: 'Never' };
    const drive: Drive = await openDrive({ prefix, eventTimeoutSeconds, env });
    try {
      return (await drive.run(suite)).get(suite) as RunResult;
    } finally {
      await drive.close();
    }
  }

  test('nothing is found while nothing is broken, in as many requests as are its budget', async (t) => {
    for (let round = 1; round <= 3; round++) {
      const result = await runMesh();
      t.diagnostic(describeRun(result));
      assertPassed([result]);
      assert.ok(round === 1 || result.apiRequests.total <= 11, `${result.apiRequests.total} requests`);
    }
  });

  for (const { what, found, names, make } of breaks) {
    test(`${what}: ${found.map(([code, node]) => `${code} ${node}`).join(', ')}`, async (t) => {
      const heal = await make();
      let result: RunResult;
      try {
        result = await runMesh(seconds);
      } finally {
        await heal();
      }
      t.diagnostic(describeRun(result));
      const findings = result.steps.flatMap(({ kind, findings }) => (kind === 'cleanup' ? [] : findings));
      for (const { message } of findings) t.diagnostic(message);
      assert.deepEqual(
        findings.map(({ code, object }) => [code, object?.name]),
        found,
      );
      const { component, part } = result.diagnosis ?? {};
      assert.equal(`${component} (${part})`, names, result.diagnosis?.sentence);
      const said = found.map(([code, node]) => `${code} ${node}`).join(', ');
      rows.push([what, said, names, `${(result.durationMs / 1000).toFixed(1)} s`, String(seconds)]);
    });
  }

  test('names: all are resolved on every node; where DNS packets of a node are dropped it is named', async (t) => {
    for (let round = 1; round <= 3; round++) {
      const result = await runMesh(undefined, 'pod_dns');
      t.diagnostic(describeRun(result));
      assertPassed([result]);
      assert.ok(round === 1 || result.apiRequests.total <= 11, `${result.apiRequests.total} requests`);
    }
    const heal = await lose(2, '-p', 'udp', '--dport', '53');
    const result = await runMesh(seconds, 'pod_dns').finally(heal);
    t.diagnostic(describeRun(result));
    const findings = result.steps.flatMap(({ kind, findings }) => (kind === 'cleanup' ? [] : findings));
    assert.deepEqual(
      findings.map(({ code, object }) => [code, object?.name]),
      [['mesh.dns_unreachable', 'node2']],
    );
    assert.equal(`${result.diagnosis?.component} (${result.diagnosis?.part})`, 'dns (node2)');
  });

  test('a node that is cordoned is not blamed, whatever is broken there', async (t) => {
    const cordon = (unschedulable: boolean | null) =>
      admin.core.patchNode({ name: 'node2', body: [{ op: 'add', path: '/spec/unschedulable', value: unschedulable }] });
    const heal = await lose(2, ...podNetwork);
    try {
      await cordon(true);
      const result = await runMesh(seconds);
      t.diagnostic(describeRun(result));
      assertPassed([result]);
      assert.match(JSON.stringify(result.steps), /node2 has no agent: it is cordoned/);
    } finally {
      await cordon(false);
      await heal();
    }
  });

  test('nothing is found once all is mended', async (t) => {
    const result = await runMesh();
    t.diagnostic(describeRun(result));
    assertPassed([result]);
  });
});
