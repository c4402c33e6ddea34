import { littleEndianBytes } from '../../../formats/little-endian.js';
import { findNonFinite } from '../../../formats/safetensors/find-non-finite.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import type { VectorFile } from '../vector-file.js';

/** Bytes of a block: large enough that reading costs little per vector, small enough to stay in a cache. */
const BLOCK_BYTES = 4 * 1024 * 1024;

/** Longest vector that is read: models end at some thousands, and a broken header must not take the memory (CWE-789). */
const MAX_DIMENSIONS = 1 << 20;

/** How many vectors make a block. */
export function rowsPerBlock(dimensions: number): number {
  return Math.max(1, Math.floor(BLOCK_BYTES / Float32Array.BYTES_PER_ELEMENT / dimensions));
}

/** FORMAT_INVALID unless vectors of a file can have so many dimensions. */
export function requireDimensions(file: string, dimensions: number): void {
  if (Number.isSafeInteger(dimensions) && dimensions >= 1 && dimensions <= MAX_DIMENSIONS) return;
  throw new IsovecError(
    'FORMAT_INVALID',
    `${file} says that its vectors have ${dimensions} dimensions; there are 1 to ${MAX_DIMENSIONS}. Write the file again.`,
    { data: { file } },
  );
}

/** FORMAT_INVALID, naming the row (from 1), unless every value is finite; `first` is the index of the first vector. */
export function requireFinite(file: string, data: Float32Array, first: number, dimensions: number): void {
  const found = findNonFinite(littleEndianBytes(data), 'F32');
  if (found === undefined) return;
  const row = first + Math.floor(found.index / dimensions) + 1;
  throw new IsovecError(
    'FORMAT_INVALID',
    `Row ${row} of ${file} holds ${found.value}, which can be compared with nothing. Embed the texts again.`,
    { data: { file, row } },
  );
}

/** How many vectors a file has; reads it to its end where nothing else tells. */
export async function countVectors(file: VectorFile, signal: AbortSignal | undefined): Promise<number> {
  if (file.rows !== undefined) return file.rows;
  let rows = 0;
  for await (const { count } of file.blocks(signal)) rows += count;
  return rows;
}
