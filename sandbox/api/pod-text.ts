/** A pod's state in one word, as kubectl shows it. */
import type { Pod } from '../store/objects.ts';

export function podStatusText({ status, metadata }: Pod): string {
  if (metadata.deletionTimestamp) return 'Terminating';
  for (const { state } of status.containerStatuses ?? []) {
    const reason = state.waiting?.reason ?? state.terminated?.reason;
    if (reason) return reason;
  }
  return status.phase;
}

export function restartsOf({ status }: Pod): number {
  return (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
}
