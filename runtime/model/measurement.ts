/** A figure taken during a step. Types only. */
import type { ProbedResource } from './probing.ts';

export type ActionName =
  | 'create'
  | 'pull'
  | 'update'
  | 'scale'
  | 'delete'
  | 'http_get'
  | 'schedule'
  | 'run'
  | 'reachable'
  | 'settle';

export type DnsResult = 'healthy' | 'nxdomain' | 'servfail' | 'refused' | 'timeout' | 'no_answer';

/** A figure taken during a step. `resource` is lower case: namespace, deployment, service, configmap, pod. */
export type Measurement =
  | { readonly kind: 'action'; readonly resource: string; readonly action: ActionName; readonly durationMs: number }
  /** `result`: the status code, or wrong_response, connection_error, timeout. */
  | { readonly kind: 'http'; readonly resource: ProbedResource; readonly result: string }
  | { readonly kind: 'dns'; readonly result: DnsResult };
