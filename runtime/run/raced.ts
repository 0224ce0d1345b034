/** What a suite awaits between its steps must not outlast its deadline; a step under way says so by itself. */
export async function raced(
  suite: Promise<void>,
  signal: AbortSignal,
  underway: () => Promise<unknown>,
): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const abort = () => void underway().finally(() => setImmediate(reject, signal.reason));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    await Promise.race([suite, late]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
