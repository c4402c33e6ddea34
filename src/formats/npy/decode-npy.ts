import { IsovecError } from '../../shared/isovec-error.js';
import { elementCount } from '../element-count.js';
import { hostBytes } from '../little-endian.js';
import { NPY_DTYPES } from './npy-dtype.js';
import { readNpyHeader } from './read-npy-header.js';

/** An array of a .npy file, row-major. `data` may share the memory of the file's bytes. */
export type NpyArray = { readonly shape: readonly number[] } & (
  | { readonly dtype: 'float32'; readonly data: Float32Array }
  | { readonly dtype: 'float64'; readonly data: Float64Array }
  | { readonly dtype: 'int8'; readonly data: Int8Array }
  | { readonly dtype: 'uint8'; readonly data: Uint8Array }
);

/**
 * The array of a .npy file of version 1 to 3 with float32, float64, int8 or uint8 elements, row-major and
 * little-endian. FORMAT_INVALID, naming `file`, for anything else, and for missing or trailing bytes. Source:
 * numpy.lib.format.
 */
export function decodeNpy(bytes: Uint8Array, file = 'The .npy file'): NpyArray {
  const { dtype, shape, dataBegin } = readNpyHeader(bytes, file);
  const fail = (rule: string): IsovecError => new IsovecError('FORMAT_INVALID', `${file} ${rule}`, { data: { file } });
  const count = elementCount(shape);
  if (count === undefined) throw fail('has a shape whose number of elements overflows.');
  const elementSize = NPY_DTYPES[dtype].bytes;
  const available = bytes.byteLength - dataBegin;
  if (available / elementSize !== count) {
    throw fail(`holds ${available} bytes of data, but its shape takes ${count} times ${elementSize}.`);
  }
  const { buffer, byteOffset } = hostBytes(bytes.subarray(dataBegin), elementSize);
  switch (dtype) {
    case 'float32':
      return { dtype, shape, data: new Float32Array(buffer, byteOffset, count) };
    case 'float64':
      return { dtype, shape, data: new Float64Array(buffer, byteOffset, count) };
    case 'int8':
      return { dtype, shape, data: new Int8Array(buffer, byteOffset, count) };
    case 'uint8':
      return { dtype, shape, data: new Uint8Array(buffer, byteOffset, count) };
  }
}
