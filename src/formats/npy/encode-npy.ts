import { IsovecError } from '../../shared/isovec-error.js';
import { elementCount } from '../element-count.js';
import { littleEndianBytes } from '../little-endian.js';
import { NPY_DTYPES, type NpyDtype } from './npy-dtype.js';

/** Most dimensions that every numpy release reads. */
const MAX_DIMENSIONS = 32;

/** The data begins at a multiple of this, so that numpy can map the file (ARRAY_ALIGN of numpy.lib.format). */
const ALIGNMENT = 64;

/** numpy reserves this many characters for the first dimension, so that a file can grow in place. */
const GROWTH_AXIS_MAX_DIGITS = 21;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0];

/**
 * The bytes that precede the elements in a version 1.0 .npy file, byte for byte as numpy.save writes them, for writers
 * that stream. Elements follow little-endian and row-major. INPUT_INVALID for an impossible shape. Source:
 * numpy.lib.format.
 */
export function npyHeader(dtype: NpyDtype, shape: readonly number[]): Uint8Array {
  if (elementCount(shape) === undefined || shape.length > MAX_DIMENSIONS) {
    throw new IsovecError('INPUT_INVALID', `A .npy file cannot have the shape [${shape.join(', ')}].`);
  }
  // Python writes a tuple of one element with a comma.
  const tuple = shape.length === 1 ? `(${String(shape[0])},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '${NPY_DTYPES[dtype].descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const growth = shape.length === 0 ? 0 : GROWTH_AXIS_MAX_DIGITS - String(shape[0]).length;
  const used = MAGIC.length + 2 + dictionary.length + growth + 1;
  // numpy pads by a whole block where none is needed.
  const padding = ALIGNMENT - (used % ALIGNMENT);
  const text = `${dictionary}${' '.repeat(growth + padding)}\n`;
  const header = new Uint8Array(MAGIC.length + 2 + text.length);
  header.set(MAGIC);
  new DataView(header.buffer).setUint16(MAGIC.length, text.length, true);
  header.set(new TextEncoder().encode(text), MAGIC.length + 2);
  return header;
}

/** A whole .npy file of a row-major array; INPUT_INVALID if the data does not fit the shape. */
export function encodeNpy(
  data: Float32Array | Int8Array | Uint8Array | Float64Array,
  shape: readonly number[],
): Uint8Array {
  if (elementCount(shape) !== data.length) {
    throw new IsovecError('INPUT_INVALID', `The shape [${shape.join(', ')}] does not fit ${data.length} elements.`);
  }
  const header = npyHeader(dtypeOf(data), shape);
  const file = new Uint8Array(header.byteLength + data.byteLength);
  file.set(header);
  file.set(littleEndianBytes(data), header.byteLength);
  return file;
}

function dtypeOf(data: Float32Array | Int8Array | Uint8Array | Float64Array): NpyDtype {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  return data instanceof Int8Array ? 'int8' : 'uint8';
}
