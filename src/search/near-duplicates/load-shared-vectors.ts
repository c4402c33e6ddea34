import type { VectorFile } from '../../files/vectors/vector-file.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { euclideanNorm, SMALLEST_NORM } from '../../vector/normalize.js';
import { SharedVectors } from './shared-vectors.js';

/** Reads all vectors of a file into memory. INPUT_INVALID, saying how much it takes, if that is more than `maxBytes`. */
export async function loadSharedVectors(
  file: VectorFile,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<SharedVectors> {
  const { dimensions } = file;
  requireRoom(file, file.rows ?? 0, maxBytes);
  const vectors = SharedVectors.empty(dimensions);
  for await (const { count, data } of file.blocks(signal)) {
    requireRoom(file, vectors.count + count, maxBytes);
    for (let row = 0; row < count; row++) {
      const vector = data.subarray(row * dimensions, (row + 1) * dimensions);
      addVector(file, vectors, vector);
    }
  }
  return vectors;
}

function addVector(file: VectorFile, vectors: SharedVectors, vector: Float32Array): void {
  try {
    vectors.push(vector, Math.max(euclideanNorm(vector), SMALLEST_NORM));
  } catch (cause) {
    const taken = megabytes(SharedVectors.bytes(vectors.count, file.dimensions));
    throw new IsovecError(
      'INPUT_INVALID',
      `There is no memory for more than ${vectors.count} vectors of ${file.name} (${taken}). Split the file.`,
      { cause, data: { file: file.name } },
    );
  }
}

/** Bytes in words for messages. */
export function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}

function requireRoom(file: VectorFile, rows: number, maxBytes: number): void {
  const needed = SharedVectors.bytes(rows, file.dimensions);
  if (needed <= maxBytes) return;
  throw new IsovecError(
    'INPUT_INVALID',
    `Comparing all pairs of ${rows} vectors of ${file.dimensions} dimensions takes ${megabytes(needed)} of memory; the limit is ${megabytes(maxBytes)}. Raise it with --max-memory, or split ${file.name}.`,
    { data: { file: file.name, needed, maxBytes } },
  );
}
