/** What happens to packets on a node of the kit, by rules in its network namespace. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Takes an iptables command in the network of node N. */
export async function iptables(node: number, ...words: readonly string[]): Promise<void> {
  const state = dirname(process.env.KUBECONFIG ?? '');
  const [pid = ''] = (await readFile(join(state, 'run', `node${node}.pid`), 'utf8')).split(' ');
  await run('nsenter', ['--target', pid, '--net', 'iptables', '-w', ...words], { timeout: 30_000 });
}

/** The host's rules of IPv6 for services are passed over, as where nobody has made them. Returns what ends it. */
export async function withoutServicesOfIPv6(): Promise<() => Promise<unknown>> {
  const rule = ['OUTPUT', '-p', 'tcp', '-d', 'fd00:10:96::/112', '-j', 'RETURN'];
  await run('ip6tables', ['-w', '-t', 'nat', '-I', ...rule], { timeout: 30_000 });
  return () => run('ip6tables', ['-w', '-t', 'nat', '-D', ...rule], { timeout: 30_000 });
}

/** Loses what fits the match, as it comes into the node, be it from its pods or from elsewhere. Returns what ends it. */
export async function lose(node: number, ...match: readonly string[]): Promise<() => Promise<void>> {
  const rule = ['PREROUTING', ...match, '-j', 'DROP'];
  await iptables(node, '-t', 'raw', '-I', ...rule);
  return () => iptables(node, '-t', 'raw', '-D', ...rule);
}
