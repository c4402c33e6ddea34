import { IsovecError } from '../../shared/isovec-error.js';
import { elementCount } from '../element-count.js';
import { hostBytes } from '../little-endian.js';
import { quote } from '../quote.js';
import { NPY_DTYPES, type NpyDtype } from './npy-dtype.js';
import { parseNpyDictionary } from './parse-npy-dictionary.js';

/** An array of a .npy file, row-major. `data` may share the memory of the file's bytes. */
export type NpyArray = { readonly shape: readonly number[] } & (
  | { readonly dtype: 'float32'; readonly data: Float32Array }
  | { readonly dtype: 'float64'; readonly data: Float64Array }
  | { readonly dtype: 'int8'; readonly data: Int8Array }
  | { readonly dtype: 'uint8'; readonly data: Uint8Array }
);

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** The limit of numpy.load: longer headers belong to structured types, which are refused anyway. */
const MAX_HEADER_BYTES = 10_000;

/**
 * The array of a .npy file of version 1 to 3 with float32, float64, int8 or uint8 elements, row-major and
 * little-endian. FORMAT_INVALID, naming `file`, for anything else, and for missing or trailing bytes. Source:
 * numpy.lib.format.
 */
export function decodeNpy(bytes: Uint8Array, file = 'The .npy file'): NpyArray {
  const fail = (rule: string): IsovecError => new IsovecError('FORMAT_INVALID', `${file} ${rule}`, { data: { file } });
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) throw fail('does not begin with the magic bytes of .npy.');
  const { text, dataBegin } = readHeaderText(bytes, fail);
  const dictionary = parseNpyDictionary(text);
  if (dictionary === undefined) throw fail('has a header that does not hold exactly descr, fortran_order and shape.');
  const { descr, fortranOrder, shape } = dictionary;
  const dtype = dtypeOf(descr);
  if (dtype === undefined) throw fail(`has elements of type ${quote(descr)}; isovec reads <f4, <f8, |i1 and |u1.`);
  if (fortranOrder) throw fail('is column-major (fortran_order). Save numpy.ascontiguousarray(array) instead.');
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

function readHeaderText(
  bytes: Uint8Array,
  fail: (rule: string) => IsovecError,
): { readonly text: string; readonly dataBegin: number } {
  const [major, minor] = bytes.subarray(MAGIC.length, MAGIC.length + 2);
  if (major === undefined || minor === undefined) throw fail('is truncated inside its version.');
  if (major < 1 || major > 3 || minor !== 0)
    throw fail(`has the .npy version ${major}.${minor}; 1.0 to 3.0 are known.`);
  // Version 1 stores the length of the header in 2 bytes, later ones in 4.
  const lengthBytes = major === 1 ? 2 : 4;
  const begin = MAGIC.length + 2 + lengthBytes;
  if (bytes.byteLength < begin) throw fail('is truncated inside the length of its header.');
  const view = new DataView(bytes.buffer, bytes.byteOffset + MAGIC.length + 2, lengthBytes);
  const length = major === 1 ? view.getUint16(0, true) : view.getUint32(0, true);
  if (length > MAX_HEADER_BYTES) throw fail(`has a header of ${length} bytes, above the limit of ${MAX_HEADER_BYTES}.`);
  const header = bytes.subarray(begin, begin + length);
  if (header.byteLength < length) throw fail('is truncated inside its header.');
  return { text: new TextDecoder(major < 3 ? 'latin1' : 'utf-8').decode(header), dataBegin: begin + length };
}

function dtypeOf(descr: string): NpyDtype | undefined {
  switch (descr) {
    case '<f4':
      return 'float32';
    case '<f8':
      return 'float64';
    // Byte order means nothing for single bytes; numpy reads every spelling.
    case '|i1':
    case '<i1':
      return 'int8';
    case '|u1':
    case '<u1':
      return 'uint8';
    default:
      return undefined;
  }
}
