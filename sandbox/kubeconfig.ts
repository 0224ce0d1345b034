/** The kubeconfig of the sandbox, as text and as a file only its owner can read. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const base64 = (text: string) => Buffer.from(text).toString('base64');

export function kubeconfigText(server: string, ca: string, token: string): string {
  return `apiVersion: v1
kind: Config
clusters:
- name: sandbox
  cluster:
    server: ${server}
    certificate-authority-data: ${base64(ca)}
users:
- name: sandbox
  user:
    token: ${token}
contexts:
- name: sandbox
  context:
    cluster: sandbox
    user: sandbox
current-context: sandbox
`;
}

/** Removed by the returned function, and at the latest when the process ends. */
export async function writeKubeconfig(text: string): Promise<{ path: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-e2etests-sandbox-'));
  const path = join(folder, 'kubeconfig');
  await writeFile(path, text, { mode: 0o600 });
  const atExit = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', atExit);
  const remove = async () => {
    process.off('exit', atExit);
    await rm(folder, { recursive: true, force: true });
  };
  return { path, remove };
}

export const newToken = (): string => randomBytes(24).toString('base64url');
