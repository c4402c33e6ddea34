import { createInMemoryStore } from '#src/memory/index.js';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { testServer } from './support/running-server.js';

const content = z.record(z.string(), z.object({ schema: z.unknown(), example: z.unknown().optional() }));
const operation = z.object({
  operationId: z.string(),
  summary: z.string().min(1),
  tags: z.array(z.string()).min(1),
  security: z.array(z.unknown()).optional(),
  parameters: z.array(z.object({ name: z.string(), in: z.string() })).optional(),
  requestBody: z.object({ content }).optional(),
  responses: z.record(
    z.string(),
    z.object({ description: z.string().min(1), content, headers: z.record(z.string(), z.unknown()) }),
  ),
});
const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  tags: z.array(z.object({ name: z.string() })),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  components: z.object({
    schemas: z.record(z.string(), z.unknown()),
    securitySchemes: z.record(z.string(), z.unknown()),
  }),
  paths: z.record(z.string(), z.record(z.enum(['get', 'post']), operation.optional())),
});

/** The document of a server, and its operations. */
async function documentOf({ get }: Pick<Awaited<ReturnType<typeof testServer>>, 'get'>) {
  const { body } = await get('/openapi.json');
  const document = documentSchema.parse(body);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, one]) => (one === undefined ? [] : [{ path, method, ...one }])),
  );
  return { body, document, operations };
}

describe('GET /openapi.json', () => {
  it('is a valid document of OpenAPI 3.1 in which every reference leads somewhere', async () => {
    const { body, document } = await documentOf(await testServer());
    const validator = new Validator();
    expect(await validator.validate(z.record(z.string(), z.unknown()).parse(body))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    const references = JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
    const names = new Set(Array.from(references, ([, name = '']) => name));
    expect([...names].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });

  it('names every operation once, and holds the errors of its family', async () => {
    const { document, operations } = await documentOf(await testServer());
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = document.tags.map(({ name }) => name);
    for (const { path, tags: own, responses } of operations) {
      expect(tags).toEqual(expect.arrayContaining(own));
      const types = Object.keys(responses['4XX']?.content ?? {}).sort();
      const native = ['application/problem+json'];
      const openAi = path.startsWith('/v1/') || path === '/embeddings';
      const byBody = path === '/embed' || path === '/similarity';
      const tei = ['/embed_all', '/embed_sparse', '/rerank', '/predict', '/tokenize', '/decode'].includes(path);
      expect(types).toEqual(byBody ? ['application/json', ...native] : openAi || tei ? ['application/json'] : native);
      expect(Object.keys(responses)).toContain('5XX');
      for (const { headers } of Object.values(responses)) expect(headers).toHaveProperty('x-request-id');
    }
  });

  it('holds the headers of routes that embed', async () => {
    const { operations } = await documentOf(await testServer());
    const embedding = operations.filter(({ parameters = [] }) => parameters.some(({ name }) => name.startsWith('x-')));
    expect(embedding.map(({ path }) => path).sort()).toEqual([
      '/embed',
      '/embed_all',
      '/embeddings',
      '/memory/recall',
      '/memory/remember',
      '/similarity',
      '/v1/embeddings',
    ]);
    for (const { parameters = [], responses } of embedding) {
      expect(parameters.map(({ name }) => name).sort()).toEqual(['x-isovec-priority', 'x-request-timeout-ms']);
      expect(Object.keys(responses['200']?.headers ?? {})).toContain('x-isovec-tokens');
    }
  });

  it('tells of requests what the schemas take: defaults may be left out, unions keep their alternatives', async () => {
    const { operations } = await documentOf(await testServer());
    const body = operations.find(({ path }) => path === '/v1/embeddings')?.requestBody?.content['application/json'];
    expect(body?.schema).toMatchObject({
      required: ['model', 'input'],
      additionalProperties: false,
      properties: {
        encoding_format: { enum: ['float', 'base64'], default: 'float' },
        input: {
          anyOf: [
            { type: 'string' },
            { type: 'array', items: { type: 'string' } },
            { type: 'array', items: { type: 'integer', minimum: 0 } },
            { type: 'array', items: { type: 'array', items: { type: 'integer', minimum: 0 } } },
          ],
        },
      },
    });
  });

  it('gives examples that the server answers', async () => {
    const { get, post } = await testServer({
      memory: { store: (space) => Promise.resolve(createInMemoryStore(space)) },
    });
    await post('/memory/remember', { memories: ['one', 'two'].map((id) => ({ id, content: id })) });
    const { operations } = await documentOf({ get });
    const examples = operations.flatMap(({ path, requestBody }) =>
      examplesOf(requestBody?.content['application/json']).map((example) => ({ path, example })),
    );
    expect(examples.length).toBeGreaterThanOrEqual(16);
    for (const { path, example } of examples) {
      const body = 'model' in example ? { ...example, model: 'tiny' } : example;
      const { status } = await post(path, body);
      const otherKind = ['/embed_sparse', '/rerank', '/v1/rerank', '/predict'].includes(path);
      expect([path, status]).toEqual([path, otherKind ? 424 : 200]);
    }
  });

  it('asks for keys where the server does, and not where it answers without', async () => {
    const { get } = await testServer({ apiKeys: ['key'] });
    const { document, operations } = await documentOf({ get });
    const schemes = Object.keys(document.components.securitySchemes);
    expect(document.security?.flatMap((one) => Object.keys(one)).sort()).toEqual(schemes.sort());
    const open = operations.filter(({ security }) => security?.length === 0).map(({ path }) => path);
    expect(open.sort()).toEqual(['/health', '/health/live', '/health/ready', '/openapi.json']);
    expect((await documentOf(await testServer())).document.security).toBeUndefined();
  });
});

type Content = z.infer<typeof content>[string];

/** Examples of a whole body, and of each alternative of a union. */
function examplesOf({ schema, example }: Content = { schema: {} }): object[] {
  const { examples = [], anyOf = [] } = z
    .object({ examples: z.array(z.unknown()).optional(), anyOf: z.array(z.unknown()).optional() })
    .parse(schema);
  const own = [...(example === undefined ? [] : [example]), ...examples];
  return [
    ...own.filter((one): one is object => typeof one === 'object' && one !== null),
    ...anyOf.flatMap((one) => examplesOf({ schema: one })),
  ];
}
