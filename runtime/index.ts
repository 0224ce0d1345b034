/** The door: everything a suite may import. */
export { Defect } from './defects.ts';
export type { FindingCode } from './findings.ts';
export { type AgentsHandle, agents } from './kube/kinds/agents.ts';
export {
  condition,
  kindOf,
  type Manifest,
  type ObjectHandle,
  type ObjectState,
  object,
} from './kube/kinds/any-object.ts';
export { type ConfigMapHandle, configMap, secondPage, standardPage } from './kube/kinds/configmap.ts';
export { type ControlPlane, controlPlane } from './kube/kinds/control-plane.ts';
export { cronJob } from './kube/kinds/cronjob.ts';
export { daemonSet } from './kube/kinds/daemonset.ts';
export { deployment } from './kube/kinds/deployment.ts';
export type { DeploymentOptions } from './kube/kinds/deployment-manifest.ts';
export { disruptionBudget } from './kube/kinds/disruption-budget.ts';
export { routedPages } from './kube/kinds/edge-backend.ts';
export { type GatewayHandle, gateway } from './kube/kinds/gateway.ts';
export { type HttpRouteHandle, httpRoute } from './kube/kinds/httproute.ts';
export { imagePull } from './kube/kinds/image-pull.ts';
export { type IngressHandle, ingress } from './kube/kinds/ingress.ts';
export { job } from './kube/kinds/job.ts';
export type { JobOptions, VolumeUse } from './kube/kinds/job-manifest.ts';
export { type MountedHandle, mounted } from './kube/kinds/mounted.ts';
export { type NamespaceHandle, namespace } from './kube/kinds/namespace.ts';
export { type NodePlace, type NodesHandle, nodes } from './kube/kinds/node-places.ts';
export { persistentVolumeClaim } from './kube/kinds/persistentvolumeclaim.ts';
export { type SecretHandle, secret } from './kube/kinds/secret.ts';
export { type PodsHandle, pods } from './kube/kinds/selected-pods.ts';
export { type ServiceHandle, type ServiceOptions, service } from './kube/kinds/service.ts';
export { statefulSet } from './kube/kinds/statefulset.ts';
export type { TestDeployment as DeploymentHandle } from './kube/kinds/test-deployment.ts';
export {
  acceptedGateway,
  agentImage,
  defaultStorageClass,
  dualStack,
  ingressClass,
  pulledImage,
  schedulableNodes,
  servedApi,
  storageClass,
} from './kube/requirements.ts';
export type { PodView } from './model/evidence.ts';
export type { Resource } from './model/resource.ts';
export type { Area, Inquiry, Requirement, SuiteContext, SuiteDefinition } from './model/suite.ts';
export { validateLogs } from './probes/pod-log.ts';
export { defineSuite } from './run/define-suite.ts';
export { asks, keeps, makes } from './uses.ts';
