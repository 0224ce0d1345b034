/** The resources, for the door. */
export { type ConfigMapHandle, configMap } from './configmap.ts';
export { deployment } from './deployment.ts';
export { type NamespaceHandle, namespace } from './namespace.ts';
export { type ServiceHandle, service } from './service.ts';
export type { TestDeployment } from './test-deployment.ts';
