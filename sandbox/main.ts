/**
 * The sandbox on its own: `node sandbox/main.ts` runs it, `node sandbox/main.ts fault <name> on|off` disturbs the one that runs.
 *
 * The running one leaves its admin address and token in a file that only its owner can read.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { catalogue } from './faults/catalogue.ts';
import { type FaultState, type Sandbox, startSandbox } from './index.ts';

const usage = `Usage:
  sandbox                                  runs the embedded cluster until Ctrl-C
  sandbox fault                            lists the faults of the one that runs
  sandbox fault <name> on [option=value…]  switches a fault on
  sandbox fault <name> off                 switches it off
`;

interface State {
  pid: number;
  url: string;
  token: string;
}

const stateFile = join(tmpdir(), `kube-e2etests-sandbox-${userName().replace(/\W/g, '_')}.json`);

/** Returns the exit code: 0, 1 if it could not be done, 2 for bad usage. Without arguments it returns when the sandbox has ended. */
export async function runSandbox(argv: readonly string[]): Promise<number> {
  const [command, name, to, ...options] = argv;
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(usage);
    return 0;
  }
  if (command === undefined) return serve();
  const isKnown = name === undefined || Object.hasOwn(catalogue, name);
  if (command !== 'fault' || (isKnown && name !== undefined && to !== 'on' && to !== 'off')) {
    process.stderr.write(usage);
    return 2;
  }
  if (!isKnown) {
    process.stderr.write(`No fault ${name}. There are:\n  ${Object.keys(catalogue).join('\n  ')}\n`);
    return 2;
  }
  const state = await readState();
  if (!state) {
    process.stderr.write(
      'No sandbox runs on its own. Start one: npx kube-e2etests sandbox (that of npm start has its switches on its page)\n',
    );
    return 1;
  }
  return name === undefined
    ? listFaults(state)
    : switchFault(state, name, { on: to === 'on', ...parseOptions(options) });
}

async function serve(): Promise<number> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
  });
  const sandbox = await startSandbox();
  await writeState(sandbox);
  process.stdout.write(
    `export KUBECONFIG=${sandbox.kubeconfigPath} PROBE_PROXY=${sandbox.probeProxy} DNS_SERVERS=${sandbox.dnsServers.join(',')} AGENT_IMAGE=${sandbox.agentImage} PULL_IMAGE=${sandbox.pullImage}\n`,
  );
  process.stderr.write(`The sandbox runs. Faults: npx kube-e2etests sandbox fault. Ctrl-C ends it.\n`);
  await stopped;
  const state = await readState();
  if (state?.pid === process.pid) await rm(stateFile, { force: true });
  await sandbox.close();
  return 0;
}

/** In a container a uid may have no entry in passwd: then its number stands for it. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}

/** Never through a link that somebody else laid there. */
async function writeState({ admin }: Sandbox): Promise<void> {
  await rm(stateFile, { force: true });
  const state: State = { pid: process.pid, ...admin };
  await writeFile(stateFile, JSON.stringify(state), { mode: 0o600, flag: 'wx' });
}

async function readState(): Promise<State | undefined> {
  try {
    return JSON.parse(await readFile(stateFile, 'utf8')) as State;
  } catch {
    return undefined;
  }
}

async function listFaults(state: State): Promise<number> {
  const faults = (await ask(state, 'GET', '/faults')) as FaultState[] | undefined;
  if (!faults) return 1;
  for (const { name, on, description, options } of faults) {
    const values = Object.entries(options).map(([key, value]) => `${key}=${value}`);
    process.stdout.write(`${on ? 'ON ' : 'off'} ${name.padEnd(32)}${[description, ...values].join('  ')}\n`);
  }
  return 0;
}

async function switchFault(state: State, name: string, body: object): Promise<number> {
  const fault = (await ask(state, 'PUT', `/faults/${encodeURIComponent(name)}`, body)) as FaultState | undefined;
  if (!fault) return 1;
  process.stdout.write(`${fault.name} is ${fault.on ? `on. It breaks: ${fault.breaks}` : 'off'}\n`);
  return 0;
}

/** Undefined, with the reason on stderr, if it could not be done. */
async function ask({ url, token }: State, method: string, path: string, body?: object): Promise<unknown> {
  try {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(5000),
    });
    const answer = (await response.json()) as { message?: string };
    if (response.ok) return answer;
    process.stderr.write(`${answer.message}\n`);
  } catch {
    process.stderr.write(`The sandbox at ${url} does not answer. It may have ended: start it again\n`);
  }
  return undefined;
}

/** `node=node2 seconds=5`; numbers and booleans become what they are. */
function parseOptions(options: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    options.map((option) => {
      const at = option.indexOf('=');
      const [key, text] = at < 0 ? [option, 'true'] : [option.slice(0, at), option.slice(at + 1)];
      if (text === 'true' || text === 'false') return [key, text === 'true'];
      return [key, text !== '' && Number.isFinite(Number(text)) ? Number(text) : text];
    }),
  );
}

if (import.meta.main) process.exitCode = await runSandbox(process.argv.slice(2));
