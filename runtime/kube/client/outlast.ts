import { Defect, Held } from '../../defects.ts';

/** A signal that ends later than another. */
export interface Outlasting {
  readonly signal: AbortSignal;
  /** Forgets the other signal; to be called once nobody needs this one. */
  end(): void;
}

/** Ends `ms` after `signal` does: what was sent before may still come to its answer, so that what it made is known. */
export function outlasting(signal: AbortSignal, ms: number): Outlasting {
  const own = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const last = () => {
    timer = setTimeout(() => own.abort(signal.reason), ms);
  };
  signal.addEventListener('abort', last, { once: true });
  if (signal.aborted) last();
  return {
    signal: own.signal,
    end: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', last);
    },
  };
}

const unsure =
  /^(run|timeout)\.|\.(max_retries_exceeded|internal_server_error|bad_gateway|service_unavailable|gateway_timeout)$/;

/** Whatever the request should have made was not made: the API server said no. Else nobody knows. */
export function isAnswered(error: unknown): boolean {
  return error instanceof Held || (error instanceof Defect && !unsure.test(error.finding.code));
}
