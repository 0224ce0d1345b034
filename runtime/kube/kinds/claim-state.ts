/** What a claim shows of itself. Pure. */
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import type { Look } from '../client/watched.ts';

const gi = 1024 ** 3;
const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: gi,
  Ti: 1024 ** 4,
  Pi: 1024 ** 5,
};

/** Bytes of `1Gi`; 0 where it is no quantity of storage. */
export function bytesOf(quantity: string): number {
  const [, figure, unit = ''] = /^(\d+(?:\.\d+)?(?:e\d+)?)([A-Za-z]*)$/.exec(quantity) ?? [];
  return figure === undefined ? 0 : Number(figure) * (units[unit] ?? 0);
}

/** In whole Gi: `2Gi` of `1Gi`, and of `1G`. */
export function oneMoreGi(quantity: string): string {
  return `${Math.ceil(bytesOf(quantity) / gi) + 1}Gi`;
}

export function phaseOf(claim: V1PersistentVolumeClaim | undefined): string {
  if (!claim) return 'it is not there';
  return claim.status?.phase === 'Lost' ? 'its volume is gone (Lost)' : `it is ${claim.status?.phase ?? 'Pending'}`;
}

/** "Bound to pvc-1, 1Gi, class standard" */
export function claimState({ spec, status }: V1PersistentVolumeClaim): string {
  const to = spec?.volumeName && ` to ${spec.volumeName}`;
  const asked = spec?.resources?.requests?.storage;
  const has = status?.capacity?.storage;
  const volume = has && asked && bytesOf(has) < bytesOf(asked) ? `${has}, asked to be ${asked}` : (has ?? asked);
  return [`${status?.phase ?? 'Pending'}${to ?? ''}`, volume, `class ${spec?.storageClassName || 'none'}`]
    .filter(Boolean)
    .join(', ');
}

/** What is left then the kubelet does, with the next pod that mounts it. */
const isForNode = /^NodeResize(?:Pending|InProgress)$/;

/** `butNode`: all that is done without a pod. */
export function expansionOf(
  claim: V1PersistentVolumeClaim | undefined,
  wanted: string,
  butNode: boolean,
): Look<undefined> {
  const { capacity, conditions = [], allocatedResourceStatuses } = claim?.status ?? {};
  const has = capacity?.storage ?? '0';
  // Others, such as Unused, have nothing to do with it.
  const now = conditions.filter(({ type, status }) => status === 'True' && /resiz/i.test(type));
  const onNode =
    now.some(({ type }) => type === 'FileSystemResizePending') ||
    isForNode.test(allocatedResourceStatuses?.storage ?? '');
  if (bytesOf(has) >= bytesOf(wanted) || (butNode && onNode)) return { done: true, value: undefined };
  const said = now.map(({ type, message }) => [type, message].filter(Boolean).join(': '));
  return { done: false, why: [`it has ${has}`, ...said].join('; ') };
}
