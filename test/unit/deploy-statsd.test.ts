/** The product's figures through a real statsd daemon that repeats them, as contrib/monitoring-config.yaml configures it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Headline } from '../../runtime/model/diagnosis.ts';
import type { RunResult } from '../../runtime/model/result.ts';
import { type Metric, metrics } from '../../runtime/sinks/metric-catalogue.ts';
import { createStatsd } from '../../runtime/sinks/statsd.ts';
import { only, read, root } from '../deploy/manifests.ts';
import { applyMapping, type Mapping, type StatsdType } from '../deploy/mapping.ts';
import { aFinding, aRun, aStep, play } from '../results.ts';
import { freeUdpPort } from './statsd-daemon.ts';

const typeOf: Readonly<Record<string, StatsdType>> = { c: 'counter', ms: 'observer', g: 'gauge' };
const { mappings } = parse(readFileSync(join(root, 'manifests/components/statsd-mapping/mapping.yaml'), 'utf8')) as {
  mappings: readonly Mapping[];
};

const everything: RunResult = aRun('http', {
  namespace: 'kube-e2etests-http',
  status: 'failed',
  steps: [
    aStep('HTTP request each pod', 'failed', {
      measurements: [
        { kind: 'action', resource: 'pod', action: 'http_get', durationMs: 12.5 },
        { kind: 'http', resource: 'pod', result: 'timeout' },
        { kind: 'dns', result: 'healthy' },
      ],
      findings: [aFinding({ code: 'http.timeout', object: { kind: 'pod', name: 'web-1' } })],
    }),
  ],
});

test('every figure arrives behind a repeating statsd daemon, under a name that the mapping knows', {
  timeout: 30_000,
}, async (t) => {
  const exporter = await listen(t);
  const port = await startRepeater(t, exporter.port);
  const log = { warn: (_: object, message: string) => assert.fail(message) };
  const headline = { component: 'kubelet', suites: ['http'] } as unknown as Headline;
  const sink = createStatsd({ host: '127.0.0.1', port, headline: () => headline, suites: ['http'], log });
  play(sink, everything);
  await sink.close?.();
  const wanted = Object.values(metrics as Readonly<Record<string, Metric>>).map(({ prometheus }) => prometheus.name);
  const seen = await exporter.until(({ size }) => size >= wanted.length);
  assert.deepEqual([...seen].sort(), wanted.sort());
  assert.equal(exporter.values.get('e2etest_diagnosis http/kubelet'), 1);
  assert.equal(exporter.values.get('e2etest_http_requests_total kube-e2etests-http/pod/timeout'), 1);
});

/** In the place of statsd_exporter: what it would have after mapping. */
async function listen(t: TestContext) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  const names = new Set<string>();
  const values = new Map<string, number>();
  const looks: (() => void)[] = [];
  socket.on('message', (packet) => {
    for (const line of packet
      .toString()
      .split('\n')
      .filter((one) => one.startsWith('e2etest.')))
      take(line);
    for (const look of looks) look();
  });
  function take(line: string): void {
    const [, name = '', value, type = ''] = /^([^:]+):([-\d.]+)\|(c|ms|g)$/.exec(line) ?? [];
    const mapped = applyMapping(mappings, name, typeOf[type] ?? assert.fail(`not a statsd line: ${line}`));
    assert.ok(mapped, `not mapped: ${line}`);
    assert.doesNotMatch(mapped.name, /unmapped/, line);
    names.add(mapped.name);
    values.set(`${mapped.name} ${Object.values(mapped.labels).join('/')}`, Number(value));
  }
  return {
    port: socket.address().port,
    values,
    until: (isEnough: (seen: ReadonlySet<string>) => boolean) =>
      new Promise<ReadonlySet<string>>((resolve) => {
        const look = () => isEnough(names) && resolve(names);
        looks.push(look);
        look();
      }),
  };
}

/** The daemon with the configuration of contrib; only the addresses are this test's. */
async function startRepeater(t: TestContext, exporterPort: number): Promise<number> {
  const { data } = only(read('contrib/monitoring-config.yaml'), 'ConfigMap', 'kube-e2etests-statsd');
  // A configuration of statsd is a JavaScript object.
  const contrib = new Function(`return (${data['config.js']})`)();
  assert.deepEqual(contrib.backends, ['./backends/repeater']);
  const main = fileURLToPath(import.meta.resolve('statsd/stats.js'));
  const [port, mgmtPort] = [await freeUdpPort(), await freeTcpPort()];
  const config = {
    ...contrib,
    address: '127.0.0.1',
    port,
    mgmt_port: mgmtPort,
    backends: [join(dirname(main), 'backends/repeater')],
    repeater: [{ host: '127.0.0.1', port: exporterPort }],
  };
  const folder = mkdtempSync(join(tmpdir(), 'repeater-'));
  writeFileSync(join(folder, 'config.js'), JSON.stringify(config));
  const shim = fileURLToPath(new URL('statsd-on-node-24.cjs', import.meta.url));
  const daemon = spawn(process.execPath, ['--require', shim, main, join(folder, 'config.js')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  t.after(async () => {
    const ended = once(daemon, 'exit');
    daemon.kill();
    await ended;
    rmSync(folder, { recursive: true });
  });
  await answers(mgmtPort);
  return port;
}

/** The daemon's management port opens after its UDP port. */
async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const socket = connect(port, '127.0.0.1');
    const isUp = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isUp) return;
    await pause(50);
  }
  assert.fail('statsd does not come up');
}

async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}
