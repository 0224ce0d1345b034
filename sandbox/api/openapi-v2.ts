/**
 * The one thing kubectl looks up in OpenAPI v2, for a `kind: List`: that a PATCH of a Namespace takes `fieldValidation`.
 *
 * It is asked for as protobuf only (gnostic's openapi_v2.Document); the numbers are the fields of its messages.
 */
import { serverVersion } from './discovery.ts';

export const openapiV2Type = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

export function openapiV2(): Buffer {
  const gvk = 'group: ""\nversion: v1\nkind: Namespace\n';
  const extension = message([1, 'x-kubernetes-group-version-kind'], [2, message([2, gvk])]);
  // Operation.parameters: ParametersItem → Parameter → NonBodyParameter → QueryParameterSubSchema
  const query = message([2, 'query'], [4, 'fieldValidation'], [6, 'string']);
  const parameter = message([1, message([2, message([3, query])])]);
  const operation = message([5, 'patchCoreV1Namespace'], [8, parameter], [13, extension]);
  const path = message([1, '/api/v1/namespaces/{name}'], [2, message([8, operation])]);
  const info = message([1, 'Kubernetes'], [2, serverVersion.gitVersion]);
  return message([1, '2.0'], [2, info], [8, message([2, path])]);
}

function message(...fields: readonly [number, string | Buffer][]): Buffer {
  const parts = fields.map(([number, value]) => {
    const bytes = Buffer.from(value as string);
    return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes]);
  });
  return Buffer.concat(parts);
}

function varint(value: number): Buffer {
  return value < 128 ? Buffer.from([value]) : Buffer.from([(value & 0x7f) | 0x80, value >> 7]);
}
