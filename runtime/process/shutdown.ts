import closeWithGrace from 'close-with-grace';

/** Leaves a second of the 30 that Kubernetes gives. */
const shutdownMs = 29_000;

export interface ShutdownLog {
  info(message: string): void;
  error(fields: object, message: string): void;
}

/** What is stopped, in the order given; one that fails or hangs does not keep the next from its turn. */
export interface Stoppable {
  readonly name: string;
  /** Milliseconds after which the next one is stopped all the same. */
  readonly limitMs: number;
  stop(): Promise<unknown>;
}

/**
 * On SIGTERM, SIGINT or an uncaught exception: stops everything and exits, with 0 after a signal. A second signal exits at once; `onBegin` is called first.
 * `graceMs` is added to the 29 s after which it exits in any case. A rejection that nobody handled is logged; it ends nothing.
 */
export function exitInOrder(parts: readonly Stoppable[], log: ShutdownLog, onBegin: () => void, graceMs = 0): void {
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a rejection that nobody handled'));
  closeWithGrace(
    {
      delay: shutdownMs + graceMs,
      skip: ['unhandledRejection', 'beforeExit'],
      logger: false,
      onSecondSignal: (signal) => log.error({}, `second ${signal}: exiting at once`),
      onTimeout: (ms) => log.error({}, `not stopped within ${ms / 1000} s: exiting`),
    },
    async ({ signal, err }) => {
      onBegin();
      if (err) log.error({ err }, 'uncaught exception: stopping');
      else log.info(`${signal ?? 'asked to stop'}: stopping`);
      await stopAll(parts, log);
      log.info('stopped');
    },
  );
}

export async function stopAll(parts: readonly Stoppable[], log: Pick<ShutdownLog, 'error'>): Promise<void> {
  for (const part of parts) {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`not stopped within ${part.limitMs / 1000} s`)), part.limitMs);
    try {
      await Promise.race([part.stop(), late]);
    } catch (error) {
      log.error({ err: error }, `${part.name} did not stop well`);
    } finally {
      clearTimeout(timer);
    }
  }
}
