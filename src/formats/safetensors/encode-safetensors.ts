import { IsovecError } from '../../shared/isovec-error.js';
import { elementCount } from '../element-count.js';
import { quote } from '../quote.js';
import { SAFETENSORS_DTYPE_BYTES } from './dtype-bytes.js';
import type { SafetensorsDtype } from './tensor-info.js';

/** A tensor to be written. */
export interface SafetensorsTensor {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Little-endian, row-major. */
  readonly bytes: Uint8Array;
}

/**
 * A safetensors file. Equal input gives equal bytes, in whatever order it comes: tensors are laid out by element size
 * (largest first, so all are aligned) and then by name, metadata keys are sorted, the header is padded to a multiple of
 * 8. INPUT_INVALID for a name used twice or reserved, and for bytes that do not fit shape and element type.
 */
export function encodeSafetensors(
  tensors: Iterable<SafetensorsTensor>,
  metadata: Iterable<readonly [string, string]> = [],
): Uint8Array {
  const ordered = [...tensors].sort(
    (left, right) =>
      SAFETENSORS_DTYPE_BYTES[right.dtype] - SAFETENSORS_DTYPE_BYTES[left.dtype] || compare(left.name, right.name),
  );
  const entries = new Map<string, unknown>();
  const sortedMetadata = [...new Map(metadata)].sort(([left], [right]) => compare(left, right));
  if (sortedMetadata.length > 0) entries.set('__metadata__', Object.fromEntries(sortedMetadata));
  let end = 0;
  for (const tensor of ordered) {
    check(tensor, entries);
    const begin = end;
    end += tensor.bytes.byteLength;
    entries.set(tensor.name, { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [begin, end] });
  }
  const header = paddedHeader(entries);
  const file = new Uint8Array(8 + header.byteLength + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.byteLength), true);
  file.set(header, 8);
  let position = 8 + header.byteLength;
  for (const { bytes } of ordered) {
    file.set(bytes, position);
    position += bytes.byteLength;
  }
  return file;
}

/** Members are joined by hand: an object would move names that look like array indices to the front. */
function paddedHeader(entries: ReadonlyMap<string, unknown>): Uint8Array {
  const members = [...entries].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  const header = new TextEncoder().encode(`{${members.join(',')}}`);
  const padded = new Uint8Array(Math.ceil(header.byteLength / 8) * 8).fill(0x20);
  padded.set(header);
  return padded;
}

function check(tensor: SafetensorsTensor, entries: ReadonlyMap<string, unknown>): void {
  const { name, dtype, shape, bytes } = tensor;
  const fail = (rule: string): IsovecError =>
    new IsovecError('INPUT_INVALID', `Tensor ${quote(name)} ${rule}.`, { data: { tensor: name } });
  if (name === '__metadata__') throw fail('has a name that the format reserves');
  if (entries.has(name)) throw fail('is given twice');
  const count = elementCount(shape);
  if (count === undefined) throw fail(`has an impossible shape [${shape.join(', ')}]`);
  if (bytes.byteLength / SAFETENSORS_DTYPE_BYTES[dtype] !== count) {
    throw fail(`has ${bytes.byteLength} bytes, which do not fit the shape [${shape.join(', ')}] of ${dtype}`);
  }
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
