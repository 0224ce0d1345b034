/** docs/deployment.md, command by command: each variant of one process, applied as it stands there, until it says that every suite passes. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { RunSummary } from '../../../runtime/memory/store.ts';
import type { Health } from '../../../runtime/model/health.ts';
import { crdFolder, noCrds } from '../../deploy/crds.ts';
import { root } from '../../deploy/manifests.ts';
import { clearGround, kubectl, waitUntilGone } from '../../deploy/stage.ts';
import { eventually } from '../../eventually.ts';
import { allSuites } from '../drive.ts';
import { kit, noFaults } from '../kit.ts';

const run = promisify(execFile);
const limits = { timeout: 240_000, maxBuffer: 16 * 1024 * 1024 };
const tools = join(kit, 'knative');
const skip = noFaults || noCrds || (existsSync(tools) ? false : `SKIPPED: no ${tools}`);

const namespace = 'kube-e2etests';
const registry = '10.89.0.1:5000';
const host = 'e2e.example.net';

const addOn = (...words: string[]) => run(join(kit, 'add-on'), words, limits);
const makeToken = () =>
  kubectl(['-n', namespace, 'create', 'secret', 'generic', 'kube-e2etests-token', '--from-literal=token=a-token']);

interface Variant {
  readonly folder: string;
  readonly what: string;
  /** What a reader has to change, as in the files: written → wanted. */
  readonly changes?: Readonly<Record<string, string>>;
  /** After the namespaces, before the rest. */
  before?(product: string): Promise<unknown>;
  after?(pod: { address: string }): Promise<unknown>;
}

const variants: readonly Variant[] = [
  {
    folder: 'manifests',
    what: 'one process, its own schedule, the page',
    after: async () => {
      const address = await kubectl([
        '-n',
        namespace,
        'get',
        'service',
        'kube-e2etests',
        '-o',
        'jsonpath={.spec.clusterIP}',
      ]);
      const page = await fetch(`http://${address}/`, { headers: { accept: 'text/html' } });
      assert.match(await page.text(), /All suites pass|passing/i);
    },
  },
  {
    folder: 'overlays/token',
    what: 'whatever changes something asks for a token',
    before: makeToken,
    after: async ({ address }) => {
      const ask = (headers: Record<string, string>) =>
        fetch(`http://${address}:8081/run/dns`, { method: 'POST', headers });
      assert.equal((await ask({})).status, 401);
      assert.equal((await ask({ authorization: 'Bearer a-token' })).status, 200);
    },
  },
  {
    folder: 'overlays/headless',
    what: 'no page: statsd_exporter beside the process',
    after: ({ address }) =>
      eventually(
        'figures of every suite at the exporter',
        60_000,
        async () => (await fetch(`http://${address}:9102/metrics`)).text(),
        (text) => allSuites.every((suite) => text.includes(`e2etest_runs_total{status="passed",suite="${suite}"}`)),
      ),
  },
  {
    folder: 'overlays/statsd-only',
    what: 'nothing can be reached',
    after: async () => {
      const services = await kubectl(['-n', namespace, 'get', 'services', '-o', 'name']);
      assert.equal(services.trim(), '');
    },
  },
  {
    folder: 'overlays/restricted',
    what: 'Pod Security restricted enforced on our namespaces',
    after: async () => {
      const enforced = ['get', 'namespaces', '-l', 'pod-security.kubernetes.io/enforce=restricted', '-o', 'name'];
      assert.match(await kubectl(enforced), /kube-e2etests-deployment\b/);
    },
  },
  {
    folder: 'overlays/air-gapped',
    what: 'all images from a registry of yours, with its login',
    changes: { 'registry.example.com:5000': registry },
    before: async (product) => {
      await addOn('registry');
      await run('buildah', ['pull', `oci-archive:${product}`], limits);
      const [name = ''] = imageNames();
      await run(
        'buildah',
        ['push', '--tls-verify=false', name, `docker://${registry}/kube-e2etests:${tagOf(name)}`],
        limits,
      );
      const ours = await kubectl(['get', 'namespaces', '-l', 'app.kubernetes.io/part-of=kube-e2etests', '-o', 'name']);
      for (const each of ours.trim().split('\n')) {
        const login = ['registry-login', `--docker-server=${registry}`, '--docker-username=a', '--docker-password=b'];
        await kubectl(['-n', each.replace('namespace/', ''), 'create', 'secret', 'docker-registry', ...login]);
      }
    },
    after: async () => {
      const images = await kubectl([
        'get',
        'pods',
        '-A',
        '-l',
        'app.kubernetes.io/managed-by=kube-e2etests',
        '-o',
        'jsonpath={..image}',
      ]);
      for (const image of images.split(' ').filter(Boolean)) assert.ok(image.startsWith(`${registry}/`), image);
      await addOn('registry', 'remove');
    },
  },
  {
    folder: 'overlays/history',
    what: 'results on a volume, which outlive the pod',
    after: async ({ address }) => {
      const runs = async (at: string) => {
        const { runs } = (await (await fetch(`http://${at}:8081/results/dns`)).json()) as {
          runs: readonly RunSummary[];
        };
        return runs.map(({ id }) => id);
      };
      const [known] = await runs(address);
      const ours = ['-n', namespace, 'get', 'pods', '-l', 'app.kubernetes.io/name=kube-e2etests', '-o'];
      await kubectl(['-n', namespace, 'rollout', 'restart', 'deployment/kube-e2etests']);
      await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/kube-e2etests', '--timeout=180s']);
      const next = await kubectl([...ours, 'jsonpath={.items[0].status.podIP}']);
      assert.notEqual(next, address);
      assert.ok((await runs(next)).includes(known!), `${known} of the pod before`);
      assert.match(await (await fetch(`http://${next}:8081/metrics`)).text(), /^e2etest_history_writable 1$/m);
    },
  },
  {
    folder: 'overlays/cert-manager',
    what: 'the page on a host of yours',
    changes: { 'ingressClassName: nginx': 'ingressClassName: contour', 'e2etests.example.com': host },
    before: async () => {
      await makeToken();
      await kubectl(['apply', '--server-side', '-f', crdFolder]);
      await addOn('ingress');
    },
    after: async () => {
      const rules = ['-n', namespace, 'get', 'ingress', '-o', 'jsonpath={.items[*].spec.rules[*].host}'];
      assert.equal(await kubectl(rules), host);
      await addOn('ingress', 'remove');
    },
  },
];

describe('a person who follows docs/deployment.md', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'as-documented-'));
  const product = join(folder, 'product.tar');
  before(async () => {
    const exporter = join(folder, 'statsd.tar');
    await run(join(tools, 'product-image'), [root, product], limits);
    await run(join(tools, 'statsd-image'), [root, exporter], limits);
    await run(join(tools, 'load-image'), [product, exporter], limits);
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const variant of variants) {
    test(`kubectl apply -k ${variant.folder}: ${variant.what}`, { timeout: 480_000 }, async (t) => {
      await clearGround();
      await waitUntilGone();
      const checkout = copyOf(join(folder, variant.folder.replaceAll('/', '-')), variant.changes ?? {});
      await kubectl(['apply', '-f', join(checkout, 'manifests/namespaces.yaml')]);
      await variant.before?.(product);
      await kubectl(['apply', '-k', join(checkout, variant.folder)]);
      await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/kube-e2etests', '--timeout=100s']);
      const began = Date.now();
      const label = ['-l', 'app.kubernetes.io/name=kube-e2etests', '-o', 'jsonpath={.items[0].status.podIP}'];
      const address = await kubectl(['-n', namespace, 'get', 'pods', ...label]);
      const seen = await eventually(
        'every suite passes',
        240_000,
        async () => (await (await fetch(`http://${address}:8081/health`)).json()) as Health,
        ({ status }) => status === 'passing',
      );
      t.diagnostic(`all passing ${Math.round((Date.now() - began) / 1000)} s after the rollout`);
      assert.deepEqual(seen.suites.map(({ suite }) => suite).sort(), [...allSuites].sort());
      await variant.after?.({ address });
    });
  }
  after(() => clearGround());
});

/** The folders that are applied, with what their reader changes. */
function copyOf(folder: string, changes: Readonly<Record<string, string>>): string {
  for (const part of ['manifests', 'overlays']) cpSync(join(root, part), join(folder, part), { recursive: true });
  const files = [
    'components/air-gapped/kustomization.yaml',
    'components/cert-manager/ingress.yaml',
    'components/cert-manager/certificate.yaml',
  ];
  for (const file of files.map((name) => join(folder, 'manifests', name))) {
    let text = readFileSync(file, 'utf8');
    for (const [written, wanted] of Object.entries(changes)) text = text.replaceAll(written, wanted);
    writeFileSync(file, text);
  }
  return folder;
}

/** Of the product, as manifests/kustomization.yaml names it. */
function imageNames(): readonly string[] {
  const text = readFileSync(join(root, 'knative/kustomization.yaml'), 'utf8');
  const [, name] = /name: kube-e2etests\n\s+newName: (\S+)/.exec(text) ?? [];
  const [, tag] = /newTag: "?([^"\s]+)/.exec(text) ?? [];
  return [`${name}:${tag}`];
}

function tagOf(image: string): string {
  return image.slice(image.lastIndexOf(':') + 1);
}
