import { IsovecError } from '../../shared/isovec-error.js';
import { hostBytes } from '../little-endian.js';
import { SAFETENSORS_DTYPE_BYTES } from './dtype-bytes.js';
import { bfloat16ToFloat32, float16ToFloat32 } from './half-floats.js';
import type { SafetensorsDtype } from './tensor-info.js';

/**
 * A tensor's little-endian bytes as float32 values, in the order of the bytes. F32, F16 and BF16 are exact, F64 is
 * rounded to nearest, integers and BOOL must be exactly representable. Aligned F32 bytes are not copied: the result
 * shares their memory. FORMAT_INVALID, naming `tensor`, for a length that is no multiple of the element size and for
 * values that float32 cannot hold.
 */
export function float32FromTensor(bytes: Uint8Array, dtype: SafetensorsDtype, tensor = 'the tensor'): Float32Array {
  const elementSize = SAFETENSORS_DTYPE_BYTES[dtype];
  if (bytes.byteLength % elementSize !== 0) {
    throw invalid(
      tensor,
      `has ${bytes.byteLength} bytes, which is no multiple of the ${elementSize} bytes of ${dtype}`,
    );
  }
  const { buffer, byteOffset } = hostBytes(bytes, elementSize);
  const length = bytes.byteLength / elementSize;
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer, byteOffset, length);
    case 'F16':
      return float16ToFloat32(new Uint16Array(buffer, byteOffset, length));
    case 'BF16':
      return bfloat16ToFloat32(new Uint16Array(buffer, byteOffset, length));
    case 'F64':
      return fromFloat64(new Float64Array(buffer, byteOffset, length), tensor);
    case 'BOOL':
      return fromBool(new Uint8Array(buffer, byteOffset, length), tensor);
    case 'U8':
      return new Float32Array(new Uint8Array(buffer, byteOffset, length));
    case 'I8':
      return new Float32Array(new Int8Array(buffer, byteOffset, length));
    case 'U16':
      return new Float32Array(new Uint16Array(buffer, byteOffset, length));
    case 'I16':
      return new Float32Array(new Int16Array(buffer, byteOffset, length));
    case 'U32':
      return fromIntegers(new Uint32Array(buffer, byteOffset, length), tensor);
    case 'I32':
      return fromIntegers(new Int32Array(buffer, byteOffset, length), tensor);
    case 'U64':
      return fromBigIntegers(new BigUint64Array(buffer, byteOffset, length), tensor);
    case 'I64':
      return fromBigIntegers(new BigInt64Array(buffer, byteOffset, length), tensor);
  }
}

function fromFloat64(values: Float64Array, tensor: string): Float32Array {
  const result = new Float32Array(values);
  for (let index = 0; index < result.length; index++) {
    if (Math.abs(result[index] ?? 0) === Infinity && Math.abs(values[index] ?? 0) !== Infinity) {
      throw invalid(tensor, `has an element at index ${index} beyond the range of float32`);
    }
  }
  return result;
}

function fromBool(values: Uint8Array, tensor: string): Float32Array {
  const index = values.findIndex((value) => value > 1);
  if (index >= 0) throw invalid(tensor, `has a BOOL element at index ${index} that is neither 0 nor 1`);
  return new Float32Array(values);
}

function fromIntegers(values: Uint32Array | Int32Array, tensor: string): Float32Array {
  const result = new Float32Array(values);
  for (let index = 0; index < result.length; index++) {
    if (result[index] !== values[index]) throw inexact(tensor, index);
  }
  return result;
}

function fromBigIntegers(values: BigUint64Array | BigInt64Array, tensor: string): Float32Array {
  const result = new Float32Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0n;
    const rounded = Math.fround(Number(value));
    if (BigInt(rounded) !== value) throw inexact(tensor, index);
    result[index] = rounded;
  }
  return result;
}

function inexact(tensor: string, index: number): IsovecError {
  return invalid(tensor, `has an integer at index ${index} that float32 cannot hold exactly`);
}

function invalid(tensor: string, rule: string): IsovecError {
  return new IsovecError('FORMAT_INVALID', `${tensor} ${rule}. Save the checkpoint as float32.`, { data: { tensor } });
}
