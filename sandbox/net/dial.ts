/** How a connection in the sandbox is made. */

/** `ip`: the pod's. `silent`: nobody answers, as at an address that no pod has. `refused`: the port is closed. */
export type Dial =
  | { kind: 'port'; port: number; ip?: string; delayMs?: number }
  | { kind: 'refused' }
  | { kind: 'silent' };
