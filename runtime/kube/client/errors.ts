import { STATUS_CODES } from 'node:http';
import { isDenial, refusalIn } from '../../blame/refusals.ts';
import { type OwnTrouble, ownTrouble } from '../../blame/way.ts';
import { Defect, type DefectOptions } from '../../defects.ts';
import type { FindingCode } from '../../findings.ts';
import type { Blame } from '../../model/blame.ts';

/** What a request came to when it did not come to an answer that helps. */
export interface ApiFailure {
  /** HTTP status; undefined where no answer came. 403 for a denial by a webhook or policy, whichever status that chose. */
  readonly status?: number;
  /** The status of the answer, where `status` is not that. */
  readonly answered?: number;
  /** Reason of the Status object, such as AlreadyExists. */
  readonly reason?: string;
  /** The Status object's message, or what the network said. Never the client's own message: that holds body and headers. */
  readonly message: string;
  readonly causes: readonly string[];
  /** The resource that the answer is about, as `namespaces`; undefined where it names none. */
  readonly about?: string;
  readonly retryAfterMs?: number;
  /** No answer came in time: perhaps one that was lost. */
  readonly isSilence?: boolean;
  /** No answer came for trouble of our own. */
  readonly ours?: OwnTrouble;
}

const codes: Readonly<Record<number, FindingCode>> = {
  400: 'api.bad_request',
  401: 'api.unauthorized',
  403: 'api.forbidden',
  404: 'api.not_found',
  405: 'api.method_not_allowed',
  409: 'api.conflict',
  410: 'api.gone',
  422: 'api.unprocessable_entity',
  429: 'api.too_many_requests',
  500: 'api.internal_server_error',
  502: 'api.bad_gateway',
  503: 'api.service_unavailable',
  504: 'api.gateway_timeout',
};

/** An answer that says: not now. A conflict of two writers of an object of ours is not among them. */
export function isPassing({ status, message, ours }: ApiFailure): boolean {
  if (ours) return !ours.isFinal;
  // An API server that has just started denies everything until it has read its roles.
  const isStarting = status === 403 && message.includes('not yet ready to handle request');
  // Whoever creates something under a quota writes it; the API server gives up after three conflicts. Source: kubernetes/kubernetes#67761.
  const isQuotaContended =
    status === 409 && /^Operation cannot be fulfilled on (cluster)?resourcequotas\b/.test(message);
  return status === undefined || status === 429 || status >= 500 || isStarting || isQuotaContended;
}

/** An error of our own code, and nothing that the network or the API server did. fetch has TypeErrors of its own, with a cause. */
export function isBug(error: unknown): boolean {
  const isOurs = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return isOurs && error.cause === undefined && !/fetch failed|terminated/.test(error.message);
}

/** `proxy`: how it is named where one is on the way. */
export function failureOf(error: unknown, proxy?: string): ApiFailure {
  if (error instanceof NotKubernetes) return { status: error.status, message: error.message, causes: [] };
  if (error instanceof ApiError) return ofAnswer(error.code, error.body, error.headers);
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
    return { status: error.statusCode, message: error.message, causes: [] };
  }
  const ours = ownTrouble(error, proxy);
  return { message: networkMessage(error), causes: [], isSilence: isSilence(error), ...(ours && { ours }) };
}

/** An answer that says all is well, and is no object of Kubernetes: of a login page, a proxy, another server. */
export class NotKubernetes extends Error {
  override readonly name = 'NotKubernetes';
  readonly status: number;

  constructor(status: number, what: string) {
    super(`${what}, and no object of Kubernetes: something on the way answers in place of the API server`);
    this.status = status;
  }
}

/** An answer that is none of 2xx. Its message says nothing of the body, which may hold anything. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: number, body?: string, headers: Readonly<Record<string, string>> = {}) {
    super(`The API server answered ${code}`);
    this.code = code;
    this.body = body;
    this.headers = headers;
  }
}

/** The finding a failure stands for, in one sentence: what was asked, what came back. */
export function defectOf(failure: ApiFailure, request: string, afterMs: number, options: DefectOptions = {}): Defect {
  if (failure.ours) {
    const message = `${request}: no way to the API server: ${failure.message}; ${failure.ours.mend}`;
    return new Defect('k8s.prerequisite_missing', message, options);
  }
  if (failure.status === undefined) {
    const waited = `for ${(afterMs / 1000).toFixed(1)} s`;
    return new Defect(
      'api.max_retries_exceeded',
      `${request}: no answer from the API server ${waited}: ${failure.message}`,
      options,
    );
  }
  const code = codes[failure.status] ?? 'api.unexpected_status';
  const refusal = refusalIn(failure.message);
  const text =
    refusal?.by === 'dead-webhook' ? failure.message : `${failure.answered ?? failure.status} ${failure.message}`;
  return new Defect(code, `${request}: ${text}`, { ...blameOf(failure, refusal?.blame), ...options });
}

function blameOf({ status, about }: ApiFailure, refused: Blame | undefined): { blame?: Blame } {
  if (status === 403) return { blame: refused ?? 'us' };
  // Of no object: whatever answers there does not know the path.
  if (status === 404 && !about) return { blame: 'us' };
  return {};
}

function ofAnswer(status: number, body: string | undefined, headers: Readonly<Record<string, string>>): ApiFailure {
  const parsed = parseStatus(body);
  const seconds = Number(headers['retry-after']);
  // Never the body itself: what answers there may be no API server.
  const message = parsed?.message ?? wordsOf(status);
  if (isDenial(message)) return { status: 403, answered: status, reason: 'Forbidden', message, causes: [] };
  return {
    status,
    reason: parsed?.reason,
    message,
    causes: causesOf(parsed),
    about: parsed?.details?.kind ?? /^(\S+) "[^"]*" not found$/.exec(message)?.[1],
    ...(Number.isFinite(seconds) && seconds > 0 && { retryAfterMs: seconds * 1000 }),
  };
}

/** What refuses credentials may be anybody: its own words are not repeated. */
function wordsOf(status: number): string {
  if (status === 401) return 'Unauthorized: the credentials are not accepted; renew the token or certificate';
  return STATUS_CODES[status] ?? 'an answer without a body';
}

function causesOf(parsed: StatusBody | undefined): readonly string[] {
  const causes = parsed?.details?.causes;
  return Array.isArray(causes) ? causes.map((cause) => cause?.reason ?? '') : [];
}

interface StatusBody {
  reason?: string;
  message?: string;
  details?: { kind?: string; causes?: { reason?: string }[] };
}

function parseStatus(body: string | undefined): StatusBody | undefined {
  if (body === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as StatusBody) : undefined;
  } catch {
    return undefined;
  }
}

function isSilence(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name === 'TimeoutError') return true;
    if ('code' in cause && /^(ETIMEDOUT|UND_ERR_\w*TIMEOUT)$/.test(String(cause.code))) return true;
  }
  return false;
}

function networkMessage(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const refused = /Proxy response \((\d+)\)/.exec(cause.message);
    if (refused) return `the proxy answers ${refused[1]}`;
    if ('code' in cause && typeof cause.code === 'string')
      return `${cause.code}${cause.message ? ` (${cause.message})` : ''}`;
    if (cause.name === 'TimeoutError') return 'no answer in time';
    if (!(cause.cause instanceof Error)) return cause.message;
  }
  return String(error);
}
