import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A JSON object of the wire. */
type Json = Record<string, unknown>;

/** One request with its answer, as they were on the wire. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly status: number;
  readonly answer: unknown;
}

interface Point {
  readonly id: string;
  readonly vector: Float32Array;
  readonly payload: Json;
}

interface Collection {
  readonly size: number;
  readonly distance: string;
  readonly indexes: Map<string, unknown>;
  readonly points: Map<string, Point>;
}

/** What a request is answered with. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The part of Qdrant's HTTP interface that the store uses, in memory: unit vectors in float32, exact search, filters that need an index
 * as in its strict mode. `test/memory/stores/qdrant-schema.test.ts` holds requests and answers against the published schema.
 */
export class FakeQdrant {
  readonly exchanges: Exchange[] = [];
  readonly #collections = new Map<string, Collection>();
  readonly #key: string | undefined;
  #server = createServer();
  #port = 0;
  /** Decides on the next requests: a status that is answered instead, 'hang' for no answer; after the work where it is done first. */
  fault: ((path: string) => { readonly status: number | 'hang'; readonly done: boolean } | undefined) | undefined;

  private constructor(key: string | undefined) {
    this.#key = key;
  }

  static async start(key?: string): Promise<FakeQdrant> {
    const server = new FakeQdrant(key);
    await server.listen();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The points of all collections. */
  get points(): Point[] {
    return [...this.#collections.values()].flatMap(({ points }) => [...points.values()]);
  }

  get collections(): Map<string, Collection> {
    return this.#collections;
  }

  /** Listens, again on the port that it had. */
  async listen(): Promise<void> {
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Is gone, with what it holds kept. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = text === '' ? undefined : (JSON.parse(text) as unknown);
    const { pathname } = new URL(request.url ?? '', 'http://x');
    const method = request.method ?? '';
    const fault = this.fault?.(pathname);
    const [status, answer] =
      fault === undefined || fault.done ? this.#answer(request, method, pathname, body as Json) : [200, undefined];
    if (fault?.status === 'hang') return;
    const [sent, said] = fault === undefined ? [status, answer] : [fault.status, refusal('as the test wanted it')];
    this.exchanges.push({ method, path: request.url ?? '', body, status: sent, answer: said });
    response.writeHead(sent, { 'content-type': 'application/json' });
    response.end(JSON.stringify(said));
  }

  #answer(request: IncomingMessage, method: string, path: string, body: Json): [status: number, answer: unknown] {
    try {
      if (this.#key !== undefined && request.headers['api-key'] !== this.#key) throw new Refusal(403, 'Forbidden');
      return [200, { usage: null, result: this.#result(method, path, body), status: 'ok', time: 0.001 }];
    } catch (error) {
      if (error instanceof Refusal) return [error.status, refusal(error.message)];
      throw error;
    }
  }

  #result(method: string, path: string, body: Json): unknown {
    const [, name = '', rest = ''] = /^\/collections\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    const action = `${method} ${rest}`;
    if (action === 'GET /exists') return { exists: this.#collections.has(name) };
    if (action === 'PUT ') return this.#create(name, body['vectors'] as Json);
    const collection = this.#collections.get(name);
    if (collection === undefined) throw new Refusal(404, `Not found: Collection \`${name}\` doesn't exist!`);
    switch (action) {
      case 'GET ':
        return describe(collection);
      case 'PUT /index':
        collection.indexes.set(body['field_name'] as string, body['field_schema']);
        return { operation_id: 1, status: 'completed' };
      case 'PUT /points':
        for (const point of body['points'] as Json[]) put(collection, point);
        return { operation_id: 2, status: 'completed' };
      case 'POST /points/delete':
        for (const id of body['points'] as string[]) collection.points.delete(id);
        return { operation_id: 3, status: 'completed' };
      case 'POST /points':
        return (body['ids'] as string[]).flatMap((id) => {
          const point = collection.points.get(id);
          return point === undefined ? [] : [shown(point, body)];
        });
      case 'POST /points/query':
        return { points: nearest(collection, body) };
      case 'POST /points/scroll':
        return scroll(collection, body);
      default:
        throw new Refusal(404, `nothing at ${action}`);
    }
  }

  #create(name: string, { size, distance }: Json): boolean {
    if (this.#collections.has(name)) throw new Refusal(409, `Wrong input: Collection \`${name}\` already exists!`);
    this.#collections.set(name, {
      size: size as number,
      distance: distance as string,
      indexes: new Map(),
      points: new Map(),
    });
    return true;
  }
}

function refusal(error: string): object {
  return { status: { error }, time: 0.001 };
}

function describe({ size, distance, indexes, points }: Collection): object {
  const dataType = (schema: unknown): string =>
    typeof schema === 'string' ? schema : (schema as { type: string }).type;
  const schema = [...indexes].map(([field, params]) => [
    field,
    { data_type: dataType(params), points: points.size, ...(typeof params === 'string' ? {} : { params }) },
  ]);
  return {
    status: 'green',
    optimizer_status: 'ok',
    segments_count: 1,
    points_count: points.size,
    config: {
      params: { vectors: { size, distance } },
      hnsw_config: { m: 16, ef_construct: 100, full_scan_threshold: 10_000 },
      optimizer_config: {
        deleted_threshold: 0.2,
        vacuum_min_vector_number: 1000,
        default_segment_number: 0,
        flush_interval_sec: 5,
      },
    },
    payload_schema: Object.fromEntries(schema) as object,
  };
}

function put(collection: Collection, { id, vector, payload }: Json): void {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id as string))
    throw new Refusal(400, `not a UUID: ${String(id)}`);
  const values = Float32Array.from(vector as number[]);
  if (values.length !== collection.size) throw new Refusal(400, 'Wrong input: Vector dimension error');
  collection.points.set(id as string, { id: id as string, vector: unit(values), payload: payload as Json });
}

function unit(values: Float32Array): Float32Array {
  const length = Math.hypot(...values);
  return length === 0 ? values : values.map((value) => value / length);
}

function nearest(collection: Collection, { query, filter, limit, with_payload }: Json): object[] {
  const direction = unit(Float32Array.from(query as number[]));
  return [...collection.points.values()]
    .filter((point) => meets(collection, point, filter as Json))
    .map((point) => ({
      point,
      score: Math.fround(point.vector.reduce((sum, value, at) => sum + value * (direction[at] ?? 0), 0)),
    }))
    .sort((a, b) => b.score - a.score || (a.point.id < b.point.id ? -1 : 1))
    .slice(0, limit as number)
    .map(({ point, score }) => ({ ...shown(point, { with_payload, with_vector: false }), version: 3, score }));
}

function scroll(collection: Collection, { filter, limit, offset, ...show }: Json): object {
  const from = [...collection.points.values()]
    .filter((point) => meets(collection, point, filter as Json) && point.id >= ((offset as string | undefined) ?? ''))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const page = from.slice(0, limit as number);
  return { points: page.map((point) => shown(point, show)), next_page_offset: from[page.length]?.id ?? null };
}

function shown({ id, vector, payload }: Point, { with_payload, with_vector }: Json): object {
  const fields = with_payload as string[];
  return {
    id,
    payload: Object.fromEntries(fields.map((field) => [field, payload[field]])) as object,
    ...(with_vector === true ? { vector: [...vector] } : {}),
  };
}

function meets(collection: Collection, point: Point, { must }: Json): boolean {
  return (must as Json[]).every(({ has_id, key, match, range }) => {
    if (has_id !== undefined) return (has_id as string[]).includes(point.id);
    const field = key as string;
    if (!collection.indexes.has(field))
      throw new Refusal(400, `Bad request: Index required but not found for "${field}"`);
    const value = field
      .split('.')
      .reduce<unknown>((inside, name) => (inside as Json | undefined)?.[name], point.payload);
    const values = Array.isArray(value) ? (value as unknown[]) : [value];
    if (match !== undefined) {
      const { value: one, any = [one] } = match as { value?: unknown; any?: unknown[] };
      return values.some((each) => any.includes(each));
    }
    const { gte = -Infinity, lt = Infinity } = range as { gte?: number; lt?: number };
    return values.some((each) => typeof each === 'number' && each >= gte && each < lt);
  });
}
