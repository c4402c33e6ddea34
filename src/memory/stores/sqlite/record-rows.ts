import { createHash } from 'node:crypto';
import type { JsonObject } from '../../../formats/json/parse-json.js';
import { type CognitiveProfile, profileOf } from '../../cognitive/cognitive-dimensions.js';
import type { MemoryConnection, MemoryKind, MemoryLevel, MemoryRecord } from '../../memory-record.js';
import type { SqliteValue } from './sqlite-connection.js';

/** A row of `records`, with its tags as JSON. */
export interface RecordRow {
  readonly number: number;
  readonly id: string;
  readonly content: string;
  readonly level: number;
  readonly kind: string;
  readonly importance: number;
  readonly strength: number;
  readonly access_count: number;
  readonly source_path: string | null;
  readonly source_type: string | null;
  readonly parent_id: string | null;
  readonly created_at: number;
  readonly modified_at: number;
  readonly source_at: number | null;
  readonly accessed_at: number | null;
  readonly metadata: string;
  readonly dimensions: string;
  readonly checksum: Uint8Array;
  readonly tags: string;
}

/** What a query selects to get a {@link RecordRow}. */
export const RECORD_COLUMNS =
  'records.*, (SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE record = records.number ORDER BY tag)) AS tags';

/** Enough of a SHA-256 that damage does not go unseen. */
const CHECKSUM_BYTES = 8;

export function recordOfRow(row: RecordRow): MemoryRecord {
  return {
    id: row.id,
    content: row.content,
    level: row.level as MemoryLevel,
    kind: row.kind as MemoryKind,
    dimensions: profileOf(JSON.parse(row.dimensions) as Partial<CognitiveProfile>),
    importance: row.importance,
    strength: row.strength,
    accessCount: row.access_count,
    tags: JSON.parse(row.tags) as string[],
    source: row.source_path === null ? undefined : { path: row.source_path, type: row.source_type ?? '' },
    parentId: row.parent_id ?? undefined,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
    sourceAt: row.source_at ?? undefined,
    accessedAt: row.accessed_at ?? undefined,
    metadata: JSON.parse(row.metadata) as JsonObject,
  };
}

/** Columns of a record in the order of {@link INSERT_RECORD}. */
export function valuesOf(record: MemoryRecord): SqliteValue[] {
  return [
    record.id,
    record.content,
    record.level,
    record.kind,
    record.importance,
    record.strength,
    record.accessCount,
    record.source?.path ?? null,
    record.source?.type ?? null,
    record.parentId ?? null,
    record.createdAt,
    record.modifiedAt,
    record.sourceAt ?? null,
    record.accessedAt ?? null,
    JSON.stringify(record.metadata),
    JSON.stringify(record.dimensions),
    checksumOf(record.id, record.content),
  ];
}

/** Puts a record; one that is there keeps its number, its accesses and its first moment. */
export const INSERT_RECORD = `
  INSERT INTO records (id, content, level, kind, importance, strength, access_count, source_path, source_type, parent_id,
    created_at, modified_at, source_at, accessed_at, metadata, dimensions, checksum)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET content = excluded.content, level = excluded.level, kind = excluded.kind,
    importance = excluded.importance, strength = excluded.strength, source_path = excluded.source_path,
    source_type = excluded.source_type, parent_id = excluded.parent_id, modified_at = excluded.modified_at,
    source_at = excluded.source_at, metadata = excluded.metadata, dimensions = excluded.dimensions,
    checksum = excluded.checksum
  RETURNING number`;

/** A row of `connections`, with ids in place of numbers. */
export interface ConnectionRow {
  readonly from_id: string;
  readonly to_id: string;
  readonly type: string;
  readonly weight: number;
  readonly bidirectional: number;
  readonly created_at: number;
}

export function connectionOfRow(row: ConnectionRow): MemoryConnection {
  return {
    from: row.from_id,
    to: row.to_id,
    type: row.type,
    weight: row.weight,
    bidirectional: row.bidirectional === 1,
    createdAt: row.created_at,
  };
}

/** Bytes of float32 values, little-endian as everywhere that Node runs. */
export function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The float32 values of bytes, which need not lie at a multiple of four. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.slice().buffer);
}

/** What is kept beside contents to find damage. */
export function checksumOf(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return new Uint8Array(hash.digest().subarray(0, CHECKSUM_BYTES));
}
