import { IsovecError } from '../../shared/isovec-error.js';
import { quote } from '../quote.js';
import type { NpyDtype } from './npy-dtype.js';
import { parseNpyDictionary } from './parse-npy-dictionary.js';

/** What precedes the elements of a .npy file. */
export interface NpyHeader {
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  /** Offset of the first element in bytes. */
  readonly dataBegin: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** The limit of numpy.load: longer headers belong to structured types, which are refused anyway. */
const MAX_HEADER_BYTES = 10_000;

/** As many bytes of a file hold its whole header: magic, version and length take 12. */
export const NPY_HEADER_BYTES: number = MAX_HEADER_BYTES + 12;

/**
 * The header of a .npy file of version 1 to 3 with float32, float64, int8 or uint8 elements, row-major and
 * little-endian; `bytes` is the beginning of the file. FORMAT_INVALID, naming `file`, for anything else. Source:
 * numpy.lib.format.
 */
export function readNpyHeader(bytes: Uint8Array, file: string): NpyHeader {
  const fail = (rule: string): IsovecError => new IsovecError('FORMAT_INVALID', `${file} ${rule}`, { data: { file } });
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) throw fail('does not begin with the magic bytes of .npy.');
  const { text, dataBegin } = readHeaderText(bytes, fail);
  const dictionary = parseNpyDictionary(text);
  if (dictionary === undefined) throw fail('has a header that does not hold exactly descr, fortran_order and shape.');
  const { descr, fortranOrder, shape } = dictionary;
  const dtype = dtypeOf(descr);
  if (dtype === undefined) throw fail(`has elements of type ${quote(descr)}; isovec reads <f4, <f8, |i1 and |u1.`);
  if (fortranOrder) throw fail('is column-major (fortran_order). Save numpy.ascontiguousarray(array) instead.');
  return { dtype, shape, dataBegin };
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
