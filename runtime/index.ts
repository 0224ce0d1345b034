/** The door: everything a suite may import. */

export { Defect } from './defects.ts';
export type { FindingCode } from './findings.ts';
export { configMap, deployment, namespace, service } from './kube/index.ts';
export { standardPage } from './kube/kinds/configmap.ts';
export type * from './model/diagnosis.ts';
export type * from './model/event.ts';
export type * from './model/evidence.ts';
export type * from './model/finding.ts';
export type * from './model/health.ts';
export type * from './model/measurement.ts';
export type * from './model/object-ref.ts';
export type * from './model/outcome.ts';
export type * from './model/probing.ts';
export type * from './model/resource.ts';
export type * from './model/result.ts';
export type * from './model/scope.ts';
export type * from './model/session-contract.ts';
export type * from './model/suite.ts';
export type * from './model/use.ts';
export { validateLogs } from './probes/pod-log.ts';
export { defineSuite } from './run/define-suite.ts';
export { keeps, makes } from './uses.ts';
