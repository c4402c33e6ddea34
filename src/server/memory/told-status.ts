import { z } from 'zod';
import type { StoreStatus } from '../../memory/stores/store.js';
import type { FieldShapes } from './field-shapes.js';

/** What a memory holds, as clients are told of it. */
export interface ToldStatus {
  records: number;
  connections: number;
  byKind: { episodic: number; semantic: number };
  byLevel: { concepts: number; contexts: number; episodes: number };
  sources: { path: string; type: string; records: number }[];
  bytes?: number | undefined;
}

/** Its fields, each with its schema. */
export const statusFields: FieldShapes<ToldStatus> = {
  records: z.number(),
  connections: z.number(),
  byKind: z.object({ episodic: z.number(), semantic: z.number() }),
  byLevel: z.object({ concepts: z.number(), contexts: z.number(), episodes: z.number() }),
  sources: z.array(z.object({ path: z.string(), type: z.string(), records: z.number() })),
  bytes: z.number().optional(),
};

/** What clients are told of a store. */
export function toldStatus({ records, connections, byKind, byLevel, sources, bytes }: StoreStatus): ToldStatus {
  const [concepts, contexts, episodes] = byLevel;
  return {
    records,
    connections,
    byKind: { episodic: byKind.episodic, semantic: byKind.semantic },
    byLevel: { concepts, contexts, episodes },
    sources: sources.map(({ path, type, records }) => ({ path, type, records })),
    ...(bytes !== undefined && { bytes }),
  };
}
