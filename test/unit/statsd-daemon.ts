/** The real statsd daemon, started for a test. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

export interface Received {
  readonly counters: Readonly<Record<string, number>>;
  readonly timers: Readonly<Record<string, readonly number[]>>;
  readonly gauges: Readonly<Record<string, number>>;
}

/** `until` resolves with all that has arrived so far once `isEnough` says so. */
export async function startStatsd(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'statsd-'));
  const port = await freeUdpPort();
  const config = {
    port,
    address: '127.0.0.1',
    mgmt_address: '127.0.0.1',
    mgmt_port: await freeTcpPort(),
    flushInterval: 50,
    backends: [fileURLToPath(new URL('statsd-backend.cjs', import.meta.url))],
  };
  await writeFile(join(folder, 'config.js'), JSON.stringify(config));
  const shim = fileURLToPath(new URL('statsd-on-node-24.cjs', import.meta.url));
  const main = fileURLToPath(import.meta.resolve('statsd/stats.js'));
  const daemon = spawn(process.execPath, ['--require', shim, main, join(folder, 'config.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(async () => {
    const ended = once(daemon, 'exit');
    daemon.kill();
    await ended;
    await rm(folder, { recursive: true });
  });
  const lines = createInterface({ input: daemon.stdout });
  const total = { counters: {} as Record<string, number>, timers: {} as Record<string, number[]>, gauges: {} };
  const flushes: (() => void)[] = [];
  lines.on('line', (line) => {
    if (!line.startsWith('{')) return;
    add(total, JSON.parse(line));
    for (const look of flushes) look();
  });
  await once(lines, 'line');
  return {
    port,
    until: (isEnough: (received: Received) => boolean): Promise<Received> =>
      new Promise((resolve) => {
        const look = () => isEnough(total) && resolve(total);
        flushes.push(look);
        look();
      }),
  };
}

function add(
  total: { counters: Record<string, number>; timers: Record<string, number[]>; gauges: object },
  now: Received,
) {
  for (const [name, count] of Object.entries(now.counters)) total.counters[name] = (total.counters[name] ?? 0) + count;
  for (const [name, times] of Object.entries(now.timers))
    total.timers[name] = [...(total.timers[name] ?? []), ...times];
  Object.assign(total.gauges, now.gauges);
}

export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}
