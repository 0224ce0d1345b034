/** What suites require of a cluster, for the door. */
import { Defect } from '../defects.ts';
import type { Inquiry, Requirement } from '../model/suite.ts';

interface Named {
  readonly metadata?: {
    readonly name?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
  };
}

interface StorageClass extends Named {
  readonly provisioner?: string;
  readonly reclaimPolicy?: string;
}

interface Ranges {
  readonly spec?: { readonly cidrs?: readonly string[] };
}

interface Accepted {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface Node {
  readonly spec?: {
    readonly podCIDRs?: readonly string[];
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly effect?: string }[];
  };
}

/** Source: k8s.io/component-helpers/storage/volume, IsDefaultAnnotation. */
const defaultMarks = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

const listClasses = [{ group: 'storage.k8s.io', resource: 'storageclasses', verbs: ['list'] }];

/** A StorageClass that claims without a class get. */
export function defaultStorageClass(): Requirement {
  return {
    name: 'default-storage-class',
    grants: listClasses,
    async unmet(cluster) {
      const classes = await classesOf(cluster);
      return classes.some(isDefault) ? undefined : noDefault(classes);
    },
  };
}

/** STORAGE_CLASS, else the default one: of a provisioner that makes volumes, and deletes them with their claims. */
export function storageClass(): Requirement {
  return {
    name: 'storage-class',
    grants: listClasses,
    async unmet(cluster) {
      const classes = await classesOf(cluster);
      const { storageClass: name } = cluster;
      // Of several defaults the newest is taken. Source: plugin/pkg/admission/storage/storageclass/setdefault.
      const newest = (a: StorageClass, b: StorageClass) => madeAt(b).localeCompare(madeAt(a));
      const used = name
        ? classes.find(({ metadata }) => metadata?.name === name)
        : classes.filter(isDefault).sort(newest)[0];
      if (!used) return name ? `there is no StorageClass ${name}, which STORAGE_CLASS names` : noDefault(classes);
      const { metadata, provisioner, reclaimPolicy = 'Delete' } = used;
      if (provisioner === 'kubernetes.io/no-provisioner')
        return `nobody makes volumes of StorageClass ${metadata?.name}: name another by STORAGE_CLASS`;
      if (reclaimPolicy === 'Delete') return undefined;
      return `volumes of StorageClass ${metadata?.name} stay when their claims go (reclaimPolicy ${reclaimPolicy}), one for each run: name another by STORAGE_CLASS`;
    },
  };
}

/** The IngressClass that INGRESS_CLASS names, or one that is the default. Raises k8s.prerequisite_missing where the one that is named is not there. */
export function ingressClass(): Requirement {
  return {
    name: 'ingress-class',
    grants: [{ group: 'networking.k8s.io', resource: 'ingressclasses', verbs: ['list'] }],
    async unmet(cluster) {
      const classes = await cluster.list<Named>({ apiVersion: 'networking.k8s.io/v1', plural: 'ingressclasses' });
      const wanted = cluster.ingressClass;
      if (wanted) {
        if (classes?.some(({ metadata }) => metadata?.name === wanted)) return undefined;
        throw new Defect(
          'k8s.prerequisite_missing',
          `INGRESS_CLASS is ${wanted}, and the cluster has no such IngressClass`,
        );
      }
      if (classes?.some((one) => isMarked(one, ['ingressclass.kubernetes.io/is-default-class']))) return undefined;
      return `none of the cluster's ${classes?.length ?? 0} IngressClasses is the default: name one with INGRESS_CLASS`;
    },
  };
}

async function classesOf(cluster: Inquiry): Promise<readonly StorageClass[]> {
  return (await cluster.list<StorageClass>({ apiVersion: 'storage.k8s.io/v1', plural: 'storageclasses' })) ?? [];
}

function noDefault({ length }: readonly StorageClass[]): string {
  return `none of the cluster's ${length} StorageClasses is the default`;
}

function madeAt({ metadata }: StorageClass): string {
  return metadata?.creationTimestamp ?? '';
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

/** PULL_IMAGE or DOCKER_REGISTRY_HOST is set: which registry people count on nobody else can say. */
export function pulledImage(): Requirement {
  return {
    name: 'pulled-image',
    unmet: async (cluster) =>
      cluster.pullImage || cluster.registry
        ? undefined
        : 'neither PULL_IMAGE nor DOCKER_REGISTRY_HOST is set: set PULL_IMAGE to an image of the registry that the cluster pulls from',
  };
}

/** Services of IPv4 and of IPv6: by the ranges of their addresses, or, before Kubernetes 1.33, by those of the nodes' pods. */
export function dualStack(): Requirement {
  return {
    name: 'dual-stack',
    grants: [
      { group: 'networking.k8s.io', resource: 'servicecidrs', verbs: ['list'] },
      { group: '', resource: 'nodes', verbs: ['list'] },
    ],
    async unmet(cluster) {
      const ranges = await cluster.list<Ranges>({ apiVersion: 'networking.k8s.io/v1', plural: 'servicecidrs' });
      const cidrs = ranges
        ? ranges.flatMap(({ spec }) => spec?.cidrs ?? [])
        : ((await cluster.list<Node>({ apiVersion: 'v1', plural: 'nodes' })) ?? []).flatMap(
            ({ spec }) => spec?.podCIDRs ?? [],
          );
      const found = new Set(cidrs.map((cidr) => (cidr.includes(':') ? 'IPv6' : 'IPv4')));
      if (found.size > 1) return undefined;
      const whose = ranges ? 'services have addresses' : "the nodes' pods have addresses";
      return `${whose} of ${[...found].join() || 'a family that nobody says'} alone`;
    },
  };
}

function isDefault(one: StorageClass): boolean {
  return isMarked(one, defaultMarks);
}

function isMarked({ metadata }: Named, marks: readonly string[]): boolean {
  return marks.some((mark) => metadata?.annotations?.[mark] === 'true');
}
