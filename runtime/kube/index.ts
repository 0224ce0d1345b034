/** The resources, for the door. */
export { type ConfigMapHandle, configMap } from './kinds/configmap.ts';
export { deployment } from './kinds/deployment.ts';
export { type NamespaceHandle, namespace } from './kinds/namespace.ts';
export { type ServiceHandle, service } from './kinds/service.ts';
export type { TestDeployment } from './kinds/test-deployment.ts';
