import { FLOAT_BYTES, writeFloat } from './write-float.js';

/** A chunk is about so large: a few dozen vectors, about a millisecond of work. */
const CHUNK_BYTES = 256 * 1024;
/** What is taken at first: most answers are of a few texts, and memory that is not used must still be collected. */
const FIRST_BYTES = 8 * 1024;
/** Most bytes of UTF-8 that one unit of a string takes. */
const UNIT_BYTES = 3;

/** The JSON of a value as UTF-8, in chunks; a Float32Array is an array of numbers (see {@link writeFloat}). */
export function* jsonChunks(value: unknown): Generator<Buffer, void, undefined> {
  let bytes = Buffer.allocUnsafe(FIRST_BYTES);
  let length = 0;
  const reserve = (count: number): void => {
    if (length + count <= bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(length + count, bytes.length * 2));
    bytes.copy(larger, 0, 0, length);
    bytes = larger;
  };
  for (const piece of piecesOf(value)) {
    if (typeof piece === 'string') {
      reserve(piece.length * UNIT_BYTES);
      length += bytes.write(piece, length);
    } else {
      reserve(piece.length * (FLOAT_BYTES + 1) + 2);
      length = writeFloats(bytes, length, piece);
    }
    if (length >= CHUNK_BYTES) {
      yield bytes.subarray(0, length);
      bytes = Buffer.allocUnsafe(CHUNK_BYTES);
      length = 0;
    }
  }
  if (length > 0) yield bytes.subarray(0, length);
}

const [COMMA = 0, OPEN = 0, CLOSE = 0] = Buffer.from(',[]');

function writeFloats(bytes: Uint8Array, begin: number, values: Float32Array): number {
  let at = begin;
  bytes[at++] = OPEN;
  for (let i = 0; i < values.length; i++) {
    if (i > 0) bytes[at++] = COMMA;
    at = writeFloat(bytes, at, values[i] ?? 0);
  }
  bytes[at++] = CLOSE;
  return at;
}

/** Text of JSON, and vectors that are still to be written, in their order. */
function* piecesOf(value: unknown): Generator<string | Float32Array, void, undefined> {
  if (value instanceof Float32Array) {
    yield value;
  } else if (Array.isArray(value)) {
    yield '[';
    for (const [index, item] of value.entries()) {
      if (index > 0) yield ',';
      yield* piecesOf(item);
    }
    yield ']';
  } else if (typeof value === 'object' && value !== null) {
    let opening = '{';
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue;
      yield `${opening}${JSON.stringify(key)}:`;
      yield* piecesOf(item);
      opening = ',';
    }
    yield opening === '{' ? '{}' : '}';
  } else {
    yield value === undefined ? 'null' : JSON.stringify(value);
  }
}
