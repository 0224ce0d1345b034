/** What suites require of a cluster, for the door. */
import { Defect } from '../defects.ts';
import type { Requirement } from '../model/suite.ts';

interface Marked {
  readonly metadata?: { readonly name?: string; readonly annotations?: Readonly<Record<string, string>> };
}

interface Accepted {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface Node {
  readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly { readonly effect?: string }[] };
}

/** Source: k8s.io/component-helpers/storage/volume, IsDefaultAnnotation. */
const defaultMarks = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** A StorageClass that claims without a class get. */
export function defaultStorageClass(): Requirement {
  return {
    name: 'default-storage-class',
    grants: [{ group: 'storage.k8s.io', resource: 'storageclasses', verbs: ['list'] }],
    async unmet(cluster) {
      const classes = await cluster.list<Marked>({ apiVersion: 'storage.k8s.io/v1', plural: 'storageclasses' });
      if (classes?.some(isMarked(defaultMarks))) return undefined;
      return `none of the cluster's ${classes?.length ?? 0} StorageClasses is the default`;
    },
  };
}

/** The IngressClass that INGRESS_CLASS names, or one that is the default. Raises k8s.prerequisite_missing where the one that is named is not there. */
export function ingressClass(): Requirement {
  return {
    name: 'ingress-class',
    grants: [{ group: 'networking.k8s.io', resource: 'ingressclasses', verbs: ['list'] }],
    async unmet(cluster) {
      const classes = await cluster.list<Marked>({ apiVersion: 'networking.k8s.io/v1', plural: 'ingressclasses' });
      const wanted = cluster.ingressClass;
      if (wanted) {
        if (classes?.some(({ metadata }) => metadata?.name === wanted)) return undefined;
        throw new Defect(
          'k8s.prerequisite_missing',
          `INGRESS_CLASS is ${wanted}, and the cluster has no such IngressClass`,
        );
      }
      if (classes?.some(isMarked(['ingressclass.kubernetes.io/is-default-class']))) return undefined;
      return `none of the cluster's ${classes?.length ?? 0} IngressClasses is the default: name one with INGRESS_CLASS`;
    },
  };
}

/** The Gateway that GATEWAY names, or a GatewayClass that its controller accepts. Raises k8s.prerequisite_missing where the one that is named is not there. */
export function acceptedGateway(): Requirement {
  const group = 'gateway.networking.k8s.io';
  const apiVersion = `${group}/v1`;
  return {
    name: 'gateway',
    grants: [{ group, resource: 'gatewayclasses', verbs: ['list'] }],
    async unmet(cluster) {
      // Whether it is there the run itself sees.
      if (cluster.gateway) {
        if (await cluster.serves(apiVersion, 'httproutes')) return undefined;
        throw new Defect('k8s.prerequisite_missing', `GATEWAY is set, and the cluster does not serve ${apiVersion}`);
      }
      const classes = await cluster.list<Accepted>({ apiVersion, plural: 'gatewayclasses' });
      if (!classes) return `the cluster does not serve the Gateway API, ${apiVersion}`;
      const isAccepted = ({ status }: Accepted) =>
        status?.conditions?.some((one) => one.type === 'Accepted' && one.status === 'True');
      if (classes.some(isAccepted)) return undefined;
      return `none of the cluster's ${classes.length} GatewayClasses is accepted by a controller`;
    },
  };
}

/**
 * An API, as `servedApi('metrics.k8s.io/v1beta1')`: of the API server itself, or of what stands behind it; or one kind of it, as
 * `servedApi('batch/v1', 'cronjobs')`. Everybody may ask that.
 */
export function servedApi(apiVersion: string, plural?: string): Requirement {
  const what = plural ? `${plural} of ${apiVersion}` : apiVersion;
  return {
    name: ['api', ...apiVersion.split('/'), plural].filter(Boolean).join('-'),
    unmet: async (cluster) =>
      (await cluster.serves(apiVersion, plural)) ? undefined : `the cluster does not serve ${what}`,
  };
}

/** So many nodes that take pods without a toleration. */
export function schedulableNodes(count: number): Requirement {
  return {
    name: `${count}-schedulable-nodes`,
    grants: [{ group: '', resource: 'nodes', verbs: ['list'] }],
    async unmet(cluster) {
      const nodes = (await cluster.list<Node>({ apiVersion: 'v1', plural: 'nodes' })) ?? [];
      const open = nodes.filter(
        ({ spec }) => !spec?.unschedulable && !spec?.taints?.some(({ effect }) => effect !== 'PreferNoSchedule'),
      );
      return open.length >= count
        ? undefined
        : `${open.length} of ${nodes.length} nodes take pods, and ${count} are needed`;
    },
  };
}

/** AGENT_IMAGE is set: whose image it is nobody else can say. */
export function agentImage(): Requirement {
  return {
    name: 'agent-image',
    unmet: async (cluster) =>
      cluster.agentImage
        ? undefined
        : 'AGENT_IMAGE is not set: set it to an image of this tool that every node can pull, such as the one that this process runs from',
  };
}

function isMarked(marks: readonly string[]) {
  return ({ metadata }: Marked): boolean => marks.some((mark) => metadata?.annotations?.[mark] === 'true');
}
