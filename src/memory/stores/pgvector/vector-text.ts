/** Digits that tell every float32 from its neighbours. */
const FLOAT32_DIGITS = 9;
/** In front of the values, as pgvector sends them: two bytes of dimensions, two that are not used. */
const HEADER_BYTES = 4;
const FLOAT_BYTES = 4;

/** A vector as pgvector reads it: the same float32 values come back, to the last bit. */
export function vectorText(vector: Float32Array): string {
  return `[${Array.from(vector, (value) => (Object.is(value, -0) ? '-0' : value.toPrecision(FLOAT32_DIGITS))).join(',')}]`;
}

/** The values that `vector_send` gives, float32 big-endian. */
export function vectorOfBytes(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: view.getUint16(0) }, (_, at) => view.getFloat32(HEADER_BYTES + at * FLOAT_BYTES));
}
