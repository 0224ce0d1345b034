/** Pod Security `restricted` as pods are judged by it; clusters before 1.23 have no such admission to ask. */

// biome-ignore lint/suspicious/noExplicitAny: any pod spec
type PodSpec = any;

const volumeTypes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/** What in a pod's spec the policy forbids; empty where it is admitted. Source: kubernetes.io, Pod Security Standards. */
export function restrictedViolations(spec: PodSpec): readonly string[] {
  const pod = spec.securityContext ?? {};
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])];
  return [
    ...['hostNetwork', 'hostPID', 'hostIPC'].filter((key) => spec[key]),
    ...(spec.volumes ?? [])
      .filter((volume: object) => !Object.keys(volume).some((key) => volumeTypes.includes(key)))
      .map(({ name }: { name: string }) => `volume ${name}`),
    ...((pod.sysctls ?? []).length > 0 ? ['sysctls'] : []),
    ...containers.flatMap((container) =>
      containerViolations(container, pod).map((what) => `${container.name}: ${what}`),
    ),
  ];
}

function containerViolations(container: PodSpec, pod: PodSpec): readonly string[] {
  const own = container.securityContext ?? {};
  const seccomp = own.seccompProfile?.type ?? pod.seccompProfile?.type;
  const rules: readonly [boolean, string][] = [
    [own.privileged === true, 'privileged'],
    [own.allowPrivilegeEscalation !== false, 'allowPrivilegeEscalation'],
    [!(own.capabilities?.drop ?? []).includes('ALL'), 'capabilities.drop'],
    [(own.capabilities?.add ?? []).some((name: string) => name !== 'NET_BIND_SERVICE'), 'capabilities.add'],
    [(own.runAsNonRoot ?? pod.runAsNonRoot) !== true, 'runAsNonRoot'],
    [(own.runAsUser ?? pod.runAsUser) === 0, 'runAsUser'],
    [seccomp !== 'RuntimeDefault' && seccomp !== 'Localhost', 'seccompProfile'],
    [(container.ports ?? []).some(({ hostPort }: { hostPort?: number }) => hostPort), 'hostPort'],
    [(own.procMount ?? 'Default') !== 'Default', 'procMount'],
  ];
  return rules.flatMap(([violated, what]) => (violated ? [what] : []));
}
