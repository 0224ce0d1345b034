/** The CRDs of shared/crds as strict JSON Schemas: what a server would prune is an error here. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './manifests.ts';

/** CRDS, else ../shared/crds beside the repository. */
export const crdFolder = resolve(process.env.CRDS ?? join(import.meta.dirname, '../../../shared/crds'));

export const noCrds: string | false = existsSync(crdFolder)
  ? false
  : `SKIPPED: no ${crdFolder}; set CRDS to a folder with the CRDs of Knative, prometheus-operator and cert-manager`;

/** "apiVersion Kind" → validator. */
export function loadSchemas(): ReadonlyMap<string, ValidateFunction> {
  const formats = { int32: true, int64: true, 'date-time': true } as const;
  const ajv = new Ajv({ strict: false, allErrors: true, formats, code: { regExp: goRegExp } });
  const schemas = new Map<string, ValidateFunction>();
  for (const file of readdirSync(crdFolder).filter((name) => name.endsWith('.yaml'))) {
    for (const document of parseAllDocuments(readFileSync(join(crdFolder, file), 'utf8'))) {
      const { spec, kind } = (document.toJS() ?? {}) as Manifest;
      if (kind !== 'CustomResourceDefinition') continue;
      for (const { name, schema } of spec.versions) {
        const strict = { ...closed(schema.openAPIV3Schema) };
        strict.properties = { ...strict.properties, apiVersion: {}, kind: {}, metadata: { type: 'object' } };
        schemas.set(`${spec.group}/${name} ${spec.names.kind}`, ajv.compile(strict));
      }
    }
  }
  return schemas;
}

/** The problems of a custom resource; undefined where no CRD is known for it. */
export function problemsOf(
  schemas: ReadonlyMap<string, ValidateFunction>,
  manifest: Manifest,
): readonly string[] | undefined {
  const validate = schemas.get(`${manifest.apiVersion} ${manifest.kind}`);
  if (!validate) return undefined;
  if (validate(manifest)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** Patterns are Go's: (?i) at their head is the flag. */
const goRegExp = Object.assign(
  (pattern: string, flags: string) =>
    new RegExp(pattern.replace('(?i)', ''), pattern.includes('(?i)') ? `${flags}i` : flags),
  { code: 'new RegExp' },
);

// biome-ignore lint/suspicious/noExplicitAny: any JSON Schema
type Schema = any;

/** Unknown fields fail wherever the schema lists the known ones and does not preserve others. */
function closed(schema: Schema): Schema {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  if (schema['x-kubernetes-int-or-string']) return { type: ['integer', 'string'] };
  const { nullable, ...rest } = schema;
  const copy: Schema = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      key === 'properties'
        ? Object.fromEntries(Object.entries(value as object).map(([k, v]) => [k, closed(v)]))
        : key === 'items' || key === 'additionalProperties'
          ? closed(value)
          : value,
    ]),
  );
  if (copy.properties && copy.additionalProperties === undefined && !copy['x-kubernetes-preserve-unknown-fields'])
    copy.additionalProperties = false;
  return nullable ? { anyOf: [copy, { type: 'null' }] } : copy;
}
