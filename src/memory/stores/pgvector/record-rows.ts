import { createHash } from 'node:crypto';
import type { JsonObject } from '../../../formats/json/parse-json.js';
import { type CognitiveProfile, profileOf } from '../../cognitive/cognitive-dimensions.js';
import type { MemoryConnection, MemoryKind, MemoryLevel, MemoryRecord } from '../../memory-record.js';
import type { StoredMemory } from '../store.js';
import { vectorText } from './vector-text.js';

/** A row of `records`; the client gives bigint as text, so that it loses nothing. */
export interface RecordRow {
  readonly number: string;
  readonly id: string;
  readonly content: string;
  readonly level: number;
  readonly kind: string;
  readonly importance: number;
  readonly strength: number;
  readonly access_count: string;
  readonly tags: readonly string[];
  readonly source_path: string | null;
  readonly source_type: string | null;
  readonly parent_id: string | null;
  readonly created_at: string;
  readonly modified_at: string;
  readonly source_at: string | null;
  readonly accessed_at: string | null;
  readonly metadata: JsonObject;
  readonly dimensions: Partial<CognitiveProfile>;
  readonly checksum: Uint8Array;
}

/** A row of `connections`, with ids in place of numbers. */
export interface ConnectionRow {
  readonly from_id: string;
  readonly to_id: string;
  readonly type: string;
  readonly weight: number;
  readonly bidirectional: boolean;
  readonly created_at: string;
}

/** Enough of a SHA-256 that damage does not go unseen. */
const CHECKSUM_BYTES = 8;

export function recordOfRow(row: RecordRow): MemoryRecord {
  return {
    id: row.id,
    content: row.content,
    level: row.level as MemoryLevel,
    kind: row.kind as MemoryKind,
    dimensions: profileOf(row.dimensions),
    importance: row.importance,
    strength: row.strength,
    accessCount: Number(row.access_count),
    tags: row.tags,
    source: row.source_path === null ? undefined : { path: row.source_path, type: row.source_type ?? '' },
    parentId: row.parent_id ?? undefined,
    createdAt: Number(row.created_at),
    modifiedAt: Number(row.modified_at),
    sourceAt: momentOfColumn(row.source_at),
    accessedAt: momentOfColumn(row.accessed_at),
    metadata: row.metadata,
  };
}

export function connectionOfRow(row: ConnectionRow): MemoryConnection {
  const { from_id: from, to_id: to, type, weight, bidirectional } = row;
  return { from, to, type, weight, bidirectional, createdAt: Number(row.created_at) };
}

/** Columns of {@link jsonOfMemories} as `json_to_recordset` reads them. */
export const MEMORY_COLUMNS = `id text, content text, level smallint, kind text, importance float8, strength float8,
  access_count bigint, tags text[], source_path text, source_type text, parent_id text, created_at bigint, modified_at bigint,
  source_at bigint, accessed_at bigint, metadata json, dimensions jsonb, checksum text, vector text, vector_checksum text`;

/** Memories as one parameter of a statement, so that it has one shape however many there are. */
export function jsonOfMemories(memories: readonly StoredMemory[]): string {
  return JSON.stringify(
    memories.map(({ record, vector }) => ({
      id: record.id,
      content: record.content,
      level: record.level,
      kind: record.kind,
      importance: record.importance,
      strength: record.strength,
      access_count: record.accessCount,
      tags: record.tags,
      source_path: record.source?.path,
      source_type: record.source?.type,
      parent_id: record.parentId,
      created_at: record.createdAt,
      modified_at: record.modifiedAt,
      source_at: record.sourceAt,
      accessed_at: record.accessedAt,
      metadata: record.metadata,
      dimensions: record.dimensions,
      checksum: recordChecksum(record.id, record.content).toString('hex'),
      vector: vectorText(vector),
      vector_checksum: vectorChecksum(vector).toString('hex'),
    })),
  );
}

/** Columns of {@link jsonOfConnections}. */
export const CONNECTION_COLUMNS =
  'from_id text, to_id text, type text, weight float8, bidirectional boolean, created_at bigint';

export function jsonOfConnections(connections: readonly MemoryConnection[]): string {
  return JSON.stringify(
    connections.map(({ from, to, type, weight, bidirectional, createdAt }) => {
      return { from_id: from, to_id: to, type, weight, bidirectional, created_at: createdAt };
    }),
  );
}

/** What is kept beside a record to find damage. */
export function recordChecksum(id: string, content: string): Buffer {
  return createHash('sha256').update(`${id}\0${content}`).digest().subarray(0, CHECKSUM_BYTES);
}

/** What is kept beside a vector to find damage. */
export function vectorChecksum(vector: Float32Array): Buffer {
  const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  return createHash('sha256').update(bytes).digest().subarray(0, CHECKSUM_BYTES);
}

function momentOfColumn(column: string | null): number | undefined {
  return column === null ? undefined : Number(column);
}
