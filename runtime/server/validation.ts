/** How the schemas of the routes are used: by TypeBox, which made them. Fastify's own compilers take a tenth of the start to load. */
import type { FastifyServerOptions } from 'fastify';
import type { TSchema } from 'typebox';
import { Convert, Default, Errors } from 'typebox/value';

type SchemaController = NonNullable<FastifyServerOptions['schemaController']>;

interface RouteSchema {
  readonly schema: TSchema;
  /** params, querystring, body or headers */
  readonly httpPart?: string;
}

/** Fills in defaults and turns the text of a URL into what the schema asks for; or says what was expected where. */
const validator =
  ({ schema, httpPart }: RouteSchema) =>
  (data: unknown) => {
    const value = Convert(schema, Default(schema, data));
    const [wrong] = Errors(schema, value);
    return wrong ? { error: new Error(`${httpPart}${wrong.instancePath} ${wrong.message}`) } : { value };
  };

/** Schemas of replies describe; what is sent is sent whole. */
const serializer = () => (data: unknown) => JSON.stringify(data);

export const schemaController = {
  compilersFactory: { buildValidator: () => validator, buildSerializer: () => serializer },
  // Typed for Ajv, whose validators have more properties than Fastify looks at.
} as unknown as SchemaController;
