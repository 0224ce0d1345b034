/** How waits and objects are told of. */
import type { KubernetesObject } from '@kubernetes/client-node';

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** A namespace says by its conditions what keeps it. */
interface Stuck {
  readonly status?: { readonly conditions?: readonly { readonly status: string; readonly message?: string }[] };
}

/** What keeps an object that is being deleted, where it says so; '' else. */
export function whyStuck(object: KubernetesObject | undefined): string {
  const left = object?.metadata?.finalizers ?? [];
  const { conditions = [] } = (object as Stuck | undefined)?.status ?? {};
  const said = conditions.flatMap(({ status, message }) => (status === 'True' && message ? [message] : []));
  return `${left.length > 0 ? ` (finalizers ${left.join(', ')})` : ''}${said.length > 0 ? `: ${said.join('; ')}` : ''}`;
}
