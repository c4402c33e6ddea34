import type { SwaggerOptions } from '@fastify/swagger';
import type { RouteOptions } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { addAnswerHeaders } from './answer-headers.js';
import type { RouteFamily } from './error-shapes.js';
import { problem } from './schemas/native.js';
import { openAiError } from './schemas/openai.js';
import { teiError } from './schemas/tei.js';

/** What the document says of the server as a whole. */
export interface ApiDocumentOptions {
  readonly version: string;
  /** Whether requests need a key. */
  readonly keys: boolean;
}

const TAGS: readonly { readonly name: string; readonly description: string }[] = [
  { name: 'Native', description: "isovec's own shape" },
  { name: 'OpenAI', description: 'For clients of OpenAI; the base address ends in /v1' },
  { name: 'TEI', description: 'For clients of text-embeddings-inference' },
  { name: 'Memory', description: 'Remembering and recalling, where a memory is served (`--with-memory`)' },
  { name: 'Other kinds', description: 'For models of other kinds, of which none can be loaded yet' },
  { name: 'Operation', description: 'For whoever runs the server' },
];

/** Options of the plugin that makes GET /openapi.json, from the schemas that requests are checked against. */
export function apiDocument({ version, keys }: ApiDocumentOptions): SwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'isovec',
        version,
        description: 'Sentence embeddings: native, OpenAI and TEI routes; a memory where one is served.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: TAGS.map((tag) => ({ ...tag })),
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          header: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        },
      },
      ...(keys ? { security: [{ bearer: [] }, { header: [] }] } : {}),
    },
    transform: (route) => {
      const { config = {} } = route.route;
      const { schema, url } = jsonSchemaTransform({ ...route, schema: withErrors(route.schema, config.family) });
      return {
        // OpenAPI has no wildcards: what ours stand for is the name of a thing, which may hold slashes.
        schema: { ...nameWildcard(schema, config.wildcard), ...(config.open === true && keys ? { security: [] } : {}) },
        url: config.wildcard === undefined ? url : url.replace('*', `{${config.wildcard}}`),
      };
    },
    transformObject: (document) => {
      const whole = jsonSchemaTransformObject(document);
      if (!('openapi' in whole)) return whole;
      for (const path of Object.values(whole.paths ?? {})) addAnswerHeaders(path ?? {});
      dropUnused(whole);
      return whole;
    },
  };
}

type Family = RouteFamily | 'by body' | undefined;
type Schema = NonNullable<RouteOptions['schema']>;

/** Adds the answers that every route of a family may give. */
function withErrors<S extends Schema | undefined>(schema: S, family: Family): S {
  if (schema === undefined) return schema;
  const errors = { description: 'The request is refused.', content: ERRORS[family ?? 'native'] };
  const failures = { description: 'The server failed, or takes no work now.', content: ERRORS[family ?? 'native'] };
  const own = typeof schema.response === 'object' ? schema.response : {};
  return { ...schema, response: { '4xx': errors, '5xx': failures, ...own } };
}

const json = (schema: z.ZodType): object => ({ 'application/json': { schema } });
const problems = { 'application/problem+json': { schema: problem } };

const ERRORS: Readonly<Record<NonNullable<Family>, object>> = {
  openai: json(openAiError),
  tei: json(teiError),
  native: problems,
  'by body': { ...json(teiError), ...problems },
};

function nameWildcard(schema: unknown, name: string | undefined): object {
  const parsed = z.looseObject({ params: z.object({ properties: z.object({ '*': z.unknown() }) }) }).safeParse(schema);
  if (!parsed.success || name === undefined) return z.looseObject({}).parse(schema);
  const properties = { [name]: parsed.data.params.properties['*'] };
  return { ...parsed.data, params: { type: 'object', properties, required: [name] } };
}

/** Drops components that nothing refers to: each is made twice, as it is sent and as it is received. */
function dropUnused(document: { readonly components?: { readonly schemas?: object } | undefined }): void {
  const { schemas = {} } = document.components ?? {};
  const unused = (): string | undefined => {
    const text = JSON.stringify(document);
    return Object.keys(schemas).find((name) => !text.includes(`"#/components/schemas/${name}"`));
  };
  for (let name = unused(); name !== undefined; name = unused()) Reflect.deleteProperty(schemas, name);
}
