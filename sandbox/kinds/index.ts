/** The kinds that have a file of their own. */
import { apiService } from './apiservice.ts';
import { cronJob } from './cronjob.ts';
import { daemonSet } from './daemonset.ts';
import { disruptionBudget } from './disruption-budget.ts';
import { gateway, gatewayClass, httpRoute } from './gateway.ts';
import { ingress, ingressClass } from './ingress.ts';
import { job } from './job.ts';
import type { SandboxKind } from './kind.ts';
import { statefulSet } from './statefulset.ts';

export const kinds: readonly SandboxKind[] = [
  job,
  apiService,
  daemonSet,
  statefulSet,
  disruptionBudget,
  cronJob,
  ingress,
  ingressClass,
  gatewayClass,
  gateway,
  httpRoute,
];
