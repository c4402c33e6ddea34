import { createHash } from 'node:crypto';
import { momentOf } from '../memory-filter.js';
import type { StoredMemory } from './store.js';

/** Hexadecimal digits of a digest: 128 bits. */
const DIGITS = 32;

/**
 * What the answer of a search depends on of a memory, as a hash: its vector and what filters look at, whereas accesses and contents are
 * none of it. Two sides that hold the same digest of a memory find it in the same way. 'absent' for a memory that is not there.
 */
export function searchDigest(memory: StoredMemory | undefined): string {
  if (memory === undefined) return 'absent';
  const { record, vector } = memory;
  const { id, tags, level, kind, source, dimensions } = record;
  return createHash('sha256')
    .update(JSON.stringify([id, tags, level, kind, source?.path ?? null, momentOf(record), Object.entries(dimensions)]))
    .update(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength))
    .digest('hex')
    .slice(0, DIGITS);
}
