/** The images there are: two versions of nginx, under any registry's name, and the agent that the sandbox runs in itself. */
import { createHash } from 'node:crypto';

export interface Image {
  /** As containerd names it. */
  readonly reference: string;
  readonly id: string;
  /** `1.29` */
  readonly version: string;
}

/** What AGENT_IMAGE is in the sandbox. */
export const agentImage = 'kube-e2etests/agent:sandbox';

/** What PULL_IMAGE is in the sandbox: every registry has it. */
export const pullImage = 'registry.example.com/nginx:1.28-alpine';

/** Undefined: no registry has it. */
export function findImage(name: string): Image | undefined {
  const [plain = ''] = name.split('@');
  if (plain === agentImage)
    return { reference: qualify(plain), id: `sandbox@sha256:${'0'.repeat(64)}`, version: 'agent' };
  const found = /(?:^|\/)nginx(?:-unprivileged)?:(1\.2[89])(?:\.\d+)?-alpine$/.exec(plain);
  if (!found) return undefined;
  const reference = qualify(plain);
  const repository = reference.slice(0, reference.lastIndexOf(':'));
  const digest = createHash('sha256').update(found[0].replace(/^\//, '')).digest('hex');
  return { reference, id: `${repository}@sha256:${digest}`, version: found[1]! };
}

/** `nginx:1` → `docker.io/library/nginx:1` */
export function qualify(name: string): string {
  const [first = '', ...rest] = name.split('/');
  if (rest.length === 0) return `docker.io/library/${name}`;
  return /[.:]|^localhost$/.test(first) ? name : `docker.io/${name}`;
}
