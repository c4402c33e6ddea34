import { IsovecError } from '../shared/isovec-error.js';

/** Bytes that are turned into characters at once: within the argument limit of every engine. */
const CHUNK_BYTES = 8192;

/** A vector as base64 of its little-endian float32 bytes, on a machine of either byte order. */
export function float32ToBase64(vector: Float32Array): string {
  const bytes = new Uint8Array(vector.length * 4);
  const view = new DataView(bytes.buffer);
  vector.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  let characters = '';
  for (let begin = 0; begin < bytes.length; begin += CHUNK_BYTES) {
    characters += String.fromCharCode(...bytes.subarray(begin, begin + CHUNK_BYTES));
  }
  return btoa(characters);
}

/**
 * The float32 values of base64 text (RFC 4648 section 4), little-endian. INPUT_INVALID if it is not base64 or not a
 * whole number of values.
 */
export function base64ToFloat32(text: string): Float32Array {
  let characters: string;
  try {
    characters = atob(text);
  } catch (cause) {
    throw new IsovecError('INPUT_INVALID', 'The text is not valid base64.', { cause });
  }
  if (characters.length % 4 !== 0) {
    throw new IsovecError(
      'INPUT_INVALID',
      `The base64 text holds ${characters.length} bytes, which is not a whole number of float32 values.`,
    );
  }
  const view = new DataView(new ArrayBuffer(characters.length));
  for (let i = 0; i < characters.length; i++) view.setUint8(i, characters.charCodeAt(i));
  const vector = new Float32Array(characters.length / 4);
  for (let i = 0; i < vector.length; i++) vector[i] = view.getFloat32(4 * i, true);
  return vector;
}
