import { cosine } from '../../../vector/index.js';
import { searchDigest } from '../search-digest.js';
import type { MemoryStore, StoredMemory, StoreFault } from '../store.js';
import { pointId } from './memory-points.js';
import type { PointMark, QdrantCollection } from './qdrant-collection.js';

/** A memory on which the two sides differ. */
export interface Difference extends StoreFault {
  readonly id: string;
  /** The point, where it is one that no memory could have; else the memory's state says what is to be done. */
  readonly stray?: PointMark['point'];
}

/** The two sides of a store. */
export interface Sides {
  readonly records: MemoryStore;
  readonly collection: QdrantCollection;
  readonly store: string;
}

const PAGE = 256;
/** Qdrant keeps a unit vector in float32: a cosine further from 1 is of another vector. */
const LEAST_COSINE = 1 - 1e-5;

/** All differences of the sides, page by page: what the file holds against its points, then points against the file. */
export async function* differences(sides: Sides): AsyncGenerator<Difference> {
  for (let after = ''; ;) {
    const records = await sides.records.list({ after, limit: PAGE });
    const ids = records.map(({ id }) => id);
    const vectors = await sides.records.vectors(ids);
    const memories = records.flatMap((record, at): StoredMemory[] => {
      const vector = vectors[at];
      return vector === undefined ? [] : [{ record, vector }];
    });
    yield* await missing(sides, memories);
    after = ids.at(-1) ?? after;
    if (records.length < PAGE) break;
  }
  for await (const points of sides.collection.pages(sides.store, PAGE)) yield* await superfluous(sides, points);
}

async function missing({ collection, store }: Sides, memories: readonly StoredMemory[]): Promise<Difference[]> {
  if (memories.length === 0) return [];
  const points = await collection.get(memories.map(({ record }) => pointId(store, record.id)));
  const held = new Map(points.map((point) => [point.id, point]));
  return memories.flatMap((memory): Difference[] => {
    const { id } = memory.record;
    const point = held.get(id);
    if (point === undefined) return [{ id, fault: 'Qdrant does not hold it' }];
    if (point.digest !== searchDigest(memory)) return [{ id, fault: 'what Qdrant holds of it is older or newer' }];
    const isDamaged = memory.vector.some((value) => value !== 0) && !isSame(memory.vector, point.vector);
    return isDamaged ? [{ id, fault: 'its vector in Qdrant is not what was sent' }] : [];
  });
}

function isSame(vector: Float32Array, held: readonly number[]): boolean {
  return held.length === vector.length && cosine(vector, Float32Array.from(held)) >= LEAST_COSINE;
}

async function superfluous({ records, store }: Sides, points: readonly PointMark[]): Promise<Difference[]> {
  const found = await records.get(points.map(({ id }) => id));
  return points.flatMap(({ point, id }, at): Difference[] => {
    if (point !== pointId(store, id))
      return [{ id, fault: 'Qdrant holds a point of it that is not its own', stray: point }];
    return found[at] === undefined ? [{ id, fault: 'Qdrant holds it, and it is no memory' }] : [];
  });
}
