import type { QdrantClient, Schemas } from '@qdrant/js-client-rest';
import { IsovecError } from '../../../shared/isovec-error.js';
import type { MemoryFilter } from '../../memory-filter.js';
import { filterConditions } from './filter-conditions.js';
import { PAYLOAD_INDEXES } from './memory-points.js';
import { qdrantError } from './qdrant-errors.js';

/** A collection as it is known by. */
export interface CollectionPlace {
  readonly name: string;
  /** Dimensions of its vectors. */
  readonly dimensions: number;
  /** The collection in messages, without secrets. */
  readonly place: string;
}

/** What a point says of its memory. */
export interface PointMark {
  /** Of the point itself. */
  readonly point: Schemas['ExtendedPointId'];
  /** Of the memory. */
  readonly id: string;
  readonly digest: string;
}

const MARK: string[] = ['id', 'digest'];
/** Candidates of a walk through the graph: twice Qdrant's own default. */
const LEAST_EF = 256;

/** One collection of a Qdrant server. Rejects with what {@link qdrantError} makes. */
export class QdrantCollection {
  readonly #client: QdrantClient;
  readonly #collection: CollectionPlace;

  constructor(client: QdrantClient, collection: CollectionPlace) {
    this.#client = client;
    this.#collection = collection;
  }

  async exists(): Promise<boolean> {
    return (await this.#ask((name) => this.#client.collectionExists(name))).exists;
  }

  /** Makes the collection and its indexes where they are not there. SPACE_MISMATCH for one of other vectors. */
  async prepare(): Promise<void> {
    const { dimensions: size } = this.#collection;
    if (!(await this.exists())) {
      await this.#ask((name) => this.#client.createCollection(name, { vectors: { size, distance: 'Cosine' } })).catch(
        async (error: unknown) => {
          // Another process may have made it meanwhile.
          if (!(await this.exists())) throw error;
        },
      );
    }
    const { config, payload_schema: indexes } = await this.#ask((name) => this.#client.getCollection(name));
    this.#checkVectors(config.params.vectors);
    for (const [field, schema] of Object.entries(PAYLOAD_INDEXES)) {
      if (indexes[field] !== undefined) continue;
      const index = { field_name: field, field_schema: schema, wait: true };
      await this.#ask((name) => this.#client.createPayloadIndex(name, index));
    }
  }

  async put(points: Schemas['PointStruct'][]): Promise<void> {
    if (points.length > 0) await this.#ask((name) => this.#client.upsert(name, { wait: true, points }));
  }

  async remove(points: Schemas['ExtendedPointId'][]): Promise<void> {
    if (points.length > 0) await this.#ask((name) => this.#client.delete(name, { wait: true, points }));
  }

  /** The nearest points of a store that meet a filter. */
  async nearest(
    query: Float32Array,
    { store, limit, filter }: { readonly store: string; readonly limit: number; readonly filter: MemoryFilter },
  ): Promise<PointMark[]> {
    const { points } = await this.#ask((name) =>
      this.#client.query(name, {
        query: [...query],
        limit,
        filter: filterConditions(store, filter),
        params: { hnsw_ef: Math.max(LEAST_EF, limit) },
        with_payload: MARK,
      }),
    );
    return points.map((point) => this.#mark(point));
  }

  /** Some points with their vectors; those that are not there are left out. */
  async get(ids: string[]): Promise<(PointMark & { readonly vector: readonly number[] })[]> {
    const points = await this.#ask((name) =>
      this.#client.retrieve(name, { ids, with_payload: MARK, with_vector: true }),
    );
    return points.map((point) => ({ ...this.#mark(point), vector: this.#numbers(point.vector) }));
  }

  /** All points of a store, in pages. */
  async *pages(store: string, limit: number): AsyncGenerator<PointMark[]> {
    let offset: Schemas['ExtendedPointId'] | undefined;
    for (;;) {
      const from = offset === undefined ? {} : { offset };
      const filter = filterConditions(store, {});
      const page = await this.#ask((name) =>
        this.#client.scroll(name, { filter, limit, with_payload: MARK, with_vector: false, ...from }),
      );
      yield page.points.map((point) => this.#mark(point));
      const next = page.next_page_offset;
      if (typeof next !== 'string' && typeof next !== 'number') return;
      offset = next;
    }
  }

  #checkVectors(vectors: Schemas['VectorsConfig'] | undefined): void {
    const { place, dimensions } = this.#collection;
    const { size, distance } = (vectors ?? {}) as Partial<Schemas['VectorParams']>;
    if (size === dimensions && distance === 'Cosine') return;
    throw new IsovecError(
      'SPACE_MISMATCH',
      `${place} does not hold vectors of ${dimensions} dimensions compared by cosine. Name another collection.`,
      { data: { store: place, dimensions } },
    );
  }

  /** A point that another program put under the name of a store has no memory: its mark says so. */
  #mark({ id: point, payload }: Pick<Schemas['Record'], 'id' | 'payload'>): PointMark {
    const { id, digest } = payload ?? {};
    return { point, id: typeof id === 'string' ? id : '', digest: typeof digest === 'string' ? digest : '' };
  }

  #numbers(vector: Schemas['Record']['vector']): readonly number[] {
    return Array.isArray(vector) && vector.every((value) => typeof value === 'number') ? vector : [];
  }

  async #ask<T>(request: (name: string) => Promise<T>): Promise<T> {
    try {
      return await request(this.#collection.name);
    } catch (error) {
      throw qdrantError(error, this.#collection.place);
    }
  }
}
