import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { openQdrantStore } from '#src/memory/stores/qdrant/qdrant-store.js';
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, it, onTestFinished } from 'vitest';

import { memoryNumber, STORE_SPACE, vectorNumber } from '../../contract/store-contract.js';
import { temporaryFolder } from '../../engine/support/tiny-model.js';
import { type Exchange, FakeQdrant } from './support/fake-qdrant.js';

/** The published schema, where there is one: `QDRANT_SCHEMA`, or beside the project. */
const SCHEMA = process.env['QDRANT_SCHEMA'] ?? path.join(import.meta.dirname, '../../../../shared/qdrant/openapi.json');

type Json = Record<string, unknown>;

if (!existsSync(SCHEMA)) {
  process.stderr.write(
    "\nSKIPPED: Qdrant's requests and answers against its published schema. QDRANT_SCHEMA names none.\n\n",
  );
}

describe.skipIf(!existsSync(SCHEMA))("every request of the Qdrant store and every answer of the tests' server", () => {
  it("are of Qdrant's published schema", async () => {
    const server = await FakeQdrant.start();
    onTestFinished(() => server.stop());
    await useEverything(server);
    const operations = new Set<string>();
    for (const exchange of server.exchanges) {
      operations.add(operationOf(exchange));
      expect(faultsOf(exchange), JSON.stringify(exchange).slice(0, 2000)).toEqual([]);
    }
    expect([...operations].sort()).toEqual([
      'GET /collections/{collection_name}',
      'GET /collections/{collection_name}/exists',
      'POST /collections/{collection_name}/points',
      'POST /collections/{collection_name}/points/delete',
      'POST /collections/{collection_name}/points/query',
      'POST /collections/{collection_name}/points/scroll',
      'PUT /collections/{collection_name}',
      'PUT /collections/{collection_name}/index',
      'PUT /collections/{collection_name}/points',
    ]);
    expect(server.exchanges.filter(({ status }) => status !== 200)).not.toEqual([]);
  });

  it('would be found not to be', () => {
    const put = { method: 'PUT', path: '/collections/x/points?wait=true', status: 200 };
    const answer = { result: { operation_id: 1, status: 'completed' }, status: 'ok', time: 1 };
    const point = { id: '0189b4e4-0f9e-7d0a-8d5b-1f2f3f4f5f6f', vector: [1], payload: {} };
    expect(faultsOf({ ...put, body: { points: [point] }, answer })).toEqual([]);
    expect(faultsOf({ ...put, body: { points: [{ ...point, id: 'm1' }] }, answer })).not.toEqual([]);
    expect(faultsOf({ ...put, body: { points: [point], wiat: true }, answer })).not.toEqual([]);
    expect(faultsOf({ ...put, path: `${put.path}&oops=1`, body: { points: [point] }, answer })).not.toEqual([]);
    expect(faultsOf({ ...put, body: { points: [point] }, answer: { ...answer, result: [] } })).not.toEqual([]);
  });
});

/** All that the store can ask for, with every filter, and an answer that refuses. */
async function useEverything(server: FakeQdrant): Promise<void> {
  const file = path.join(await temporaryFolder(), 'memory.db');
  const store = await openQdrantStore({ url: server.url, file, space: STORE_SPACE, onUndelivered: () => undefined });
  onTestFinished(() => store.close());
  const source = { source: { path: '/a', type: 'markdown' } };
  await store.apply({ put: Array.from({ length: 300 }, (_, at) => memoryNumber(at, at % 2 === 0 ? source : {})) });
  await store.apply({ remove: ['m000003'] });
  await store.search(vectorNumber(1), {
    limit: 5,
    filter: {
      ids: ['m000002', 'm000004'],
      anyTags: ['all'],
      allTags: ['all', 'tag2'],
      levels: [2],
      kinds: ['episodic'],
      source: '/a',
      since: -Infinity,
      until: 1e300,
      dimensions: { urgency: 0.1, work: 0 },
    },
  });
  await store.verify();
  server.fault = (asked) => (asked.endsWith('/points') ? { status: 500, done: false } : undefined);
  await store.apply({ put: [memoryNumber(1000)] });
  server.fault = undefined;
  await store.reconcile();
}

const document = existsSync(SCHEMA) ? (JSON.parse(readFileSync(SCHEMA, 'utf8')) as Json) : {};
const ajv = new Ajv({ strict: false, logger: false, formats: { uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/ } });
ajv.addSchema({ $id: 'qdrant', components: strict(document['components'] ?? {}) });

/**
 * A schema of OpenAPI 3.0 as JSON Schema: `nullable` is a type of its own, references are into the document, and members that no
 * schema names are refused, so that a misspelt one is found.
 */
function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...schema } = value as Json;
  const result = Object.fromEntries(Object.entries(schema).map(([key, inner]) => [key, strict(inner)]));
  if (typeof result['$ref'] === 'string') return { $ref: `qdrant${result['$ref']}` };
  if (result['type'] === 'object' && result['properties'] !== undefined) result['additionalProperties'] ??= false;
  if (nullable !== true) return result;
  return Object.keys(result).length === 0 ? { type: 'null' } : { anyOf: [{ type: 'null' }, result] };
}

function operationOf({ method, path: asked }: Exchange): string {
  return `${method} ${asked.replace(/\?.*$/, '').replace(/^\/collections\/[^/]+/, '/collections/{collection_name}')}`;
}

/** What of an exchange is not as the schema has it. */
function faultsOf(exchange: Exchange): string[] {
  const [method = '', template = ''] = operationOf(exchange).split(' ');
  const operation = (document['paths'] as Record<string, Json | undefined>)[template]?.[method.toLowerCase()] as Json;
  const parameters = (operation['parameters'] ?? []) as { readonly name: string; readonly in: string }[];
  const known = parameters.filter((parameter) => parameter.in === 'query').map((parameter) => parameter.name);
  const unknown = [...new URL(exchange.path, 'http://x').searchParams.keys()].filter((key) => !known.includes(key));
  const responses = operation['responses'] as Record<string, unknown>;
  const answered = responses[String(exchange.status)] ?? responses[exchange.status >= 500 ? 'default' : '4XX'];
  return [
    ...unknown.map((key) => `no parameter ${key}`),
    ...contentFaults(operation['requestBody'], exchange.body),
    ...contentFaults(answered, exchange.answer),
  ];
}

const validators = new WeakMap<object, ValidateFunction>();

function contentFaults(described: unknown, content: unknown): string[] {
  if (described === undefined) return content === undefined ? [] : ['a body that is not described'];
  const { schema } = (described as { content: { 'application/json': { schema: object } } }).content['application/json'];
  const validate = validators.get(schema) ?? ajv.compile(strict(schema) as object);
  validators.set(schema, validate);
  return validate(content)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}
