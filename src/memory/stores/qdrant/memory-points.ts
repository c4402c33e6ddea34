import { createHash } from 'node:crypto';
import type { Schemas } from '@qdrant/js-client-rest';
import { COGNITIVE_DIMENSIONS } from '../../cognitive/cognitive-dimensions.js';
import { momentOf } from '../../memory-filter.js';
import type { StoredMemory } from '../store.js';

/** Fields of a point that filters look at, with the index that each has. `store` keeps apart the stores of one collection. */
export const PAYLOAD_INDEXES: Readonly<Record<string, Schemas['PayloadFieldSchema']>> = {
  store: { type: 'keyword', is_tenant: true },
  tags: 'keyword',
  kind: 'keyword',
  source: 'keyword',
  level: 'integer',
  moment: 'integer',
  ...Object.fromEntries(COGNITIVE_DIMENSIONS.map((name) => [`dimensions.${name}`, 'float' as const])),
};

/** The id of a memory's point: a UUID (version 8, RFC 9562) of the store's and the memory's ids, the same for ever. */
export function pointId(store: string, id: string): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify([store, id]))
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A memory as a point: its vector, its digest, and what filters look at; contents stay in the file. */
export function memoryPoint(store: string, { record, vector }: StoredMemory, digest: string): Schemas['PointStruct'] {
  const { id, tags, level, kind, source, dimensions } = record;
  return {
    id: pointId(store, id),
    vector: [...vector],
    payload: {
      store,
      id,
      digest,
      tags: [...tags],
      level,
      kind,
      ...(source === undefined ? {} : { source: source.path }),
      moment: momentOf(record),
      dimensions,
    },
  };
}
