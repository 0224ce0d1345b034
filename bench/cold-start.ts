/**
 * How long a suite that has no process takes from its event to the first step of its run, and what its process holds then: on a Knative
 * Serving that has the product, as docs/deployment.md applies it, and lets services go to zero soon.
 *
 *     KUBECONFIG=… node bench/cold-start.ts [--times 10] [--suite dns] [--install]
 *
 * --install puts Serving and the product there first, by the test cluster's tools. The machine's clock and the pods' must be one.
 */
import { parseArgs } from 'node:util';
import type { RunReply } from '../runtime/model/result.ts';
import { applyProduct, installServing, namespace, podsOf, serviceOf, tick } from '../test/cluster/knative/serving.ts';
import { clearGround, kubectl } from '../test/deploy/stage.ts';
import { eventually } from '../test/eventually.ts';
import { median } from './measure.ts';

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '10' },
    suite: { type: 'string', default: 'dns' },
    install: { type: 'boolean', default: false },
  },
});
const { suite } = values;

if (values.install) {
  await clearGround();
  await installServing();
  await kubectl(['wait', '--for=delete', '--timeout=110s', `namespace/${namespace}`]).catch(() => undefined);
  await applyProduct();
  const ready = ['wait', '--for=condition=Ready', '--timeout=180s', 'services.serving.knative.dev', '--all'];
  await kubectl(['-n', namespace, ...ready]);
  const never = JSON.stringify({ spec: { schedule: '0 0 1 1 *' } });
  await kubectl(['-n', namespace, 'patch', 'pingsource', serviceOf(suite), '--type=merge', '-p', never]);
}

const starts: number[] = [];
const sets: number[] = [];
for (let time = 0; time < Number(values.times); time++) {
  await eventually('no process of the suite', 240_000, allPods, (names) => names === '');
  const sentAt = Date.now();
  const { body } = await tick(suite, `cold-${sentAt}`);
  const run = JSON.parse(body) as RunReply;
  const first = run.steps.find(({ kind }) => kind === 'step' || kind === 'check');
  starts.push(Date.parse(first?.startedAt ?? '') - sentAt);
  const [pod] = await podsOf(serviceOf(suite));
  const held = pod ? await workingSet(pod) : Number.NaN;
  sets.push(held);
  console.log(
    `${suite} ${run.status}: first step ${starts.at(-1)} ms after its event, working set ${held.toFixed(1)} MiB`,
  );
}
console.log(
  `p50 of ${starts.length}: ${median(starts)} ms, most ${Math.max(...starts)} ms; working set p50 ${median(sets).toFixed(1)} MiB, most ${Math.max(...sets).toFixed(1)} MiB`,
);

/** Those on their way out too: they still answer. */
function allPods(): Promise<string> {
  return kubectl([
    '-n',
    namespace,
    'get',
    'pods',
    '-l',
    `serving.knative.dev/service=${serviceOf(suite)}`,
    '-o',
    'name',
  ]);
}

interface PodStats {
  readonly podRef: { readonly name: string };
  readonly containers: readonly { readonly name: string; readonly memory?: { readonly workingSetBytes?: number } }[];
}

/** MiB of the suite's own container, as its kubelet says; it looks every ten seconds. */
async function workingSet(pod: string): Promise<number> {
  const node = (await kubectl(['-n', namespace, 'get', 'pod', pod, '-o', 'jsonpath={.spec.nodeName}'])).trim();
  const read = async () => {
    const summary = JSON.parse(await kubectl(['get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`])) as {
      readonly pods: readonly PodStats[];
    };
    const stats = summary.pods.find(({ podRef }) => podRef.name === pod);
    return stats?.containers.find(({ name }) => name === 'user-container')?.memory?.workingSetBytes;
  };
  const bytes = await eventually('its figure', 30_000, read, (seen) => seen !== undefined);
  return (bytes ?? Number.NaN) / 2 ** 20;
}
