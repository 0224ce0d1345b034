/** A login command of a kubeconfig, run as client-go runs it. Source: k8s.io/client-go/plugin/pkg/client/auth/exec. */
import { spawn } from 'node:child_process';
import { environment } from '../../config/config.ts';

export interface ExecPlugin {
  command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly apiVersion?: string;
  readonly installHint?: string;
  readonly provideClusterInfo?: boolean;
  readonly interactiveMode?: string;
}

export interface ExecCredential {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
  readonly expirationTimestamp?: string;
}

/** What is shown of a plugin's own words. */
const longestWords = 300;

/** Ends with the signal, and every process that it started with it. Throws with what is wrong and what to do. */
export async function runPlugin(plugin: ExecPlugin, cluster: object, signal: AbortSignal): Promise<ExecCredential> {
  if (plugin.interactiveMode === 'Always') {
    throw new Error(`${plugin.command} wants a terminal (interactiveMode: Always), and there is none here`);
  }
  const { code, out, err } = await run(plugin, infoFor(plugin, cluster), signal);
  if (code !== 0) throw new Error(`${plugin.command} ended with ${code}${err ? `: ${err}` : ' and said nothing'}`);
  return credentialIn(out, plugin);
}

/** For KUBERNETES_EXEC_INFO. */
function infoFor({ apiVersion, provideClusterInfo }: ExecPlugin, cluster: object): string {
  const spec = { interactive: false, ...(provideClusterInfo && { cluster: clusterInfo(cluster) }) };
  return JSON.stringify({ kind: 'ExecCredential', apiVersion: apiVersion ?? 'client.authentication.k8s.io/v1', spec });
}

function clusterInfo(cluster: object): object {
  const { extensions, ...facts } = cluster as { extensions?: { name: string; extension: unknown }[] };
  const config = extensions?.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension;
  return { ...facts, ...(config !== undefined && { config }) };
}

function run({ command, args, env, installHint }: ExecPlugin, info: string, signal: AbortSignal) {
  const given = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  return new Promise<{ code: number | string; out: string; err: string }>((resolve, reject) => {
    const child = spawn(command, [...(args ?? [])], {
      // A group of its own: a wrapper's child outlives the wrapper otherwise, and holds our pipes open.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment(), ...given, KUBERNETES_EXEC_INFO: info },
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err = `${err}${text}`.slice(-4 * longestWords);
    });
    const endGroup = () => {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It is gone.
      }
    };
    const abort = () => {
      endGroup();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    child.once('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', abort);
      const why =
        error.code === 'ENOENT' ? `is not installed, or not in PATH (ENOENT)` : `cannot be run (${error.code})`;
      reject(new Error(`${command} ${why}${installHint ? `: ${installHint.trim().slice(0, longestWords)}` : ''}`));
    });
    child.once('exit', (code, ended) => {
      // What it left behind may hold the pipes for ever.
      const settle = setTimeout(endGroup, 300);
      child.once('close', () => {
        clearTimeout(settle);
        signal.removeEventListener('abort', abort);
        endGroup();
        resolve({ code: code ?? ended ?? 'a signal', out, err: words(err) });
      });
    });
  });
}

function credentialIn(out: string, { command }: ExecPlugin): ExecCredential {
  let answer: { kind?: string; status?: ExecCredential };
  try {
    answer = JSON.parse(out);
  } catch {
    const [first = ''] = out.trim().split('\n');
    // A sentence is shown, since it says what is wrong; a single word may be the token.
    const seen = /\s/.test(first) && !first.includes('{') ? `: "${words(first)}"` : '';
    throw new Error(
      `${command} answers ${out.trim() ? 'with more than an ExecCredential' : 'with nothing'} on stdout${seen}`,
    );
  }
  const { status } = answer ?? {};
  if (!status?.token && !(status?.clientCertificateData && status.clientKeyData)) {
    throw new Error(`${command} gives an ExecCredential without a token or certificate: log in`);
  }
  return status;
}

function words(text: string): string {
  return text.trim().replace(/\s+/g, ' ').slice(-longestWords);
}
