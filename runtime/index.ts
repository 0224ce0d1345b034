/** The door: everything a suite may import. */
export { Defect, type FindingCode } from './findings.ts';
export { configMap, deployment, namespace, service } from './kube/index.ts';
export { standardPage } from './kube/test-objects.ts';
export type * from './model.ts';
export { validateLogs } from './probes/log.ts';
export { defineSuite } from './suite.ts';
