/** The faults of the API server itself, before a request is looked at. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from '../admission/status.ts';
import type { Cluster } from '../cluster.ts';

/** Throws the Refusal of a fault, or resolves when the request may go on; false: its connection is cut. */
export async function disturb(
  { faults, timers }: Cluster,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const hit = (share: unknown) => Math.random() < Number(share);
  const reset = faults.options('api-reset');
  if (reset && hit(reset.share)) {
    incoming.socket.destroy();
    return false;
  }
  const slow = faults.options('api-slow');
  if (slow) await new Promise<void>((resolve) => timers.after(Number(slow.seconds) * 1000, resolve));
  if (hit(faults.options('api-500')?.share ?? 0)) {
    throw new Refusal(500, 'InternalError', 'Internal error occurred: the sandbox injects this fault', {
      causes: [{ reason: '', message: 'the sandbox injects this fault' }],
    });
  }
  if (hit(faults.options('api-503')?.share ?? 0)) {
    throw new Refusal(503, 'ServiceUnavailable', 'the server is currently unable to handle the request', {});
  }
  const throttle = faults.options('api-429');
  if (throttle && hit(throttle.share)) {
    response.setHeader('Retry-After', String(throttle.retryAfter));
    const details = { retryAfterSeconds: Number(throttle.retryAfter) };
    throw new Refusal(429, 'TooManyRequests', 'Too many requests, please try again later.', details);
  }
  return !incoming.socket.destroyed;
}
