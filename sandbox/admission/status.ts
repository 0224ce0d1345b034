/** What the API server answers when it refuses: a Status, its words as in Kubernetes. */
import { qualified, qualifiedKind, type Resource } from '../store/resources.ts';

export interface Cause {
  reason: string;
  message: string;
  field?: string;
}

export interface Details {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: Cause[];
  retryAfterSeconds?: number;
}

/** Thrown anywhere on the way of a request; the server turns it into its answer. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;
  readonly reason: string;
  readonly details: Details | undefined;

  constructor(code: number, reason: string, message: string, details?: Details) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  /** The body of the answer. */
  status(): object {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason && { reason: this.reason }),
      ...(this.details && { details: this.details }),
      code: this.code,
    };
  }
}

const of = (resource: Resource, name: string): Details => ({
  name,
  ...(resource.group && { group: resource.group }),
  kind: resource.plural,
});

const ofKind = (resource: Resource, name: string): Details => ({
  ...(name && { name }),
  ...(resource.group && { group: resource.group }),
  kind: resource.kind,
});

export const notFound = (resource: Resource, name: string) =>
  new Refusal(404, 'NotFound', `${qualified(resource)} "${name}" not found`, of(resource, name));

export const noSuchResource = () =>
  new Refusal(404, 'NotFound', 'the server could not find the requested resource', {});

export const methodNotAllowed = () =>
  new Refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

export const alreadyExists = (resource: Resource, name: string) =>
  new Refusal(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, of(resource, name));

export const badRequest = (message: string) => new Refusal(400, 'BadRequest', message);

export const modified = (resource: Resource, name: string) =>
  conflict(
    resource,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );

export const conflict = (resource: Resource, name: string, why: string) =>
  new Refusal(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    of(resource, name),
  );

/** A precondition of a DELETE names the kind where other conflicts name the resource. */
export const preconditionFailed = (resource: Resource, name: string, why: string) =>
  new Refusal(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedKind(resource)} "${name}": ${why}`,
    ofKind(resource, name),
  );

export const forbidden = (resource: Resource, name: string, why: string, causes?: Cause[]) =>
  new Refusal(403, 'Forbidden', `${qualified(resource)} ${name ? `"${name}" ` : ''}is forbidden: ${why}`, {
    ...(name && { name }),
    ...(resource.group && { group: resource.group }),
    kind: resource.plural,
    ...(causes && { causes }),
  });

export const invalid = (resource: Resource, name: string, causes: readonly Cause[]) =>
  invalidKind(qualifiedKind(resource), ofKind(resource, name), name, causes);

/** DeleteOptions, PatchOptions and the like. */
export const invalidOptions = (kind: string, cause: Cause) =>
  invalidKind(`${kind}.meta.k8s.io`, { group: 'meta.k8s.io', kind }, '', [cause]);

export const expired = (message: string) => new Refusal(410, 'Expired', message);

export const tooLargeVersion = (wanted: number, current: number) =>
  new Refusal(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });

/** A part of the API that a real server has and this one does not. */
export const notImplemented = (what: string) =>
  new Refusal(501, 'NotImplemented', `the sandbox does not implement ${what}`, {});

function invalidKind(subject: string, details: Details, name: string, causes: readonly Cause[]): Refusal {
  const words = causes.map(({ field, message }) => `${field}: ${message}`);
  const all = words.length === 1 ? words[0] : `[${words.join(', ')}]`;
  return new Refusal(422, 'Invalid', `${subject} "${name}" is invalid: ${all}`, { ...details, causes: [...causes] });
}

/** The causes that Invalid is made of. */
export const cause = {
  required: (field: string, why = ''): Cause => ({
    reason: 'FieldValueRequired',
    message: why ? `Required value: ${why}` : 'Required value',
    field,
  }),
  invalid: (field: string, value: unknown, why: string): Cause => ({
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${shown(value)}: ${why}`,
    field,
  }),
  notFound: (field: string, value: string): Cause => ({
    reason: 'FieldValueNotFound',
    message: `Not found: "${value}"`,
    field,
  }),
  duplicate: (field: string, value: unknown): Cause => ({
    reason: 'FieldValueDuplicate',
    message: `Duplicate value: ${shown(value)}`,
    field,
  }),
  unsupported: (field: string, value: unknown, supported: readonly string[]): Cause => ({
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${shown(value)}: supported values: ${supported.map((one) => `"${one}"`).join(', ')}`,
    field,
  }),
  tooLong: (field: string, longestBytes: number): Cause => ({
    reason: 'FieldValueTooLong',
    message: `Too long: must have at most ${longestBytes} bytes`,
    field,
  }),
  forbidden: (field: string, why: string): Cause => ({
    reason: 'FieldValueForbidden',
    message: `Forbidden: ${why}`,
    field,
  }),
};

/** Since 1.34 a value is printed as JSON, before as Go writes it. Source: apimachinery, util/validation/field. */
const shown = (value: unknown): string => JSON.stringify(value ?? null);
