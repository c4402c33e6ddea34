/** Rows that share a blob of the table `codes`: few enough to be rewritten for one, enough that a scan reads few rows of SQL. */
export const CHUNK_ROWS = 128;

/** Largest code. */
const MOST = 127;
/** The kernel takes eight values at a time. */
const STEP = 8;
const SCALE_BYTES = 4;

/** A vector of length 1 in int8, times its scale. */
export interface VectorCode {
  readonly values: Int16Array;
  /** What a code of 1 stands for; 0 of a vector without a direction. */
  readonly scale: number;
}

/** Dimensions of codes: those of vectors, and zeros up to the next multiple of eight. */
export function codeDimensions(dimensions: number): number {
  return Math.ceil(dimensions / STEP) * STEP;
}

/** The code of a vector: brought to length 1, divided by its largest component over 127, rounded. */
export function codeOf(vector: Float32Array): VectorCode {
  const values = new Int16Array(codeDimensions(vector.length));
  const length = Math.hypot(...vector);
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return { values, scale: 0 };
  vector.forEach((value, at) => {
    values[at] = Math.round((value * MOST) / largest);
  });
  return { values, scale: Math.fround(largest / MOST / length) };
}

/** Bytes of a chunk: the scales of its rows, then their codes. A scale of 0 is a row that is not there. */
export function emptyChunk(dimensions: number): Uint8Array {
  return new Uint8Array(CHUNK_ROWS * (SCALE_BYTES + codeDimensions(dimensions)));
}

/** The scales of a chunk, by row. */
export function scalesOf(chunk: Uint8Array): Float32Array {
  return new Float32Array(chunk.slice(0, CHUNK_ROWS * SCALE_BYTES).buffer);
}

/** The codes of a chunk: int8 [rows x dimensions of codes]. */
export function codesOf(chunk: Uint8Array): Uint8Array {
  return chunk.subarray(CHUNK_ROWS * SCALE_BYTES);
}

/** Writes a row of a chunk; without a code, it is not there any more. */
export function writeRow(chunk: Uint8Array, row: number, code: VectorCode | undefined): void {
  const scale = code?.scale ?? 0;
  chunk.set(new Uint8Array(Float32Array.of(scale).buffer), row * SCALE_BYTES);
  const width = (chunk.byteLength - CHUNK_ROWS * SCALE_BYTES) / CHUNK_ROWS;
  const values = code === undefined ? new Int8Array(width) : Int8Array.from(code.values);
  chunk.set(new Uint8Array(values.buffer), CHUNK_ROWS * SCALE_BYTES + row * width);
}
