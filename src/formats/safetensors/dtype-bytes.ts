import type { SafetensorsDtype } from './tensor-info.js';

/** Bytes of one element, by element type. */
export const SAFETENSORS_DTYPE_BYTES: Readonly<Record<SafetensorsDtype, 1 | 2 | 4 | 8>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
};

/** Whether a value names an element type that isovec reads. */
export function isSafetensorsDtype(value: unknown): value is SafetensorsDtype {
  return typeof value === 'string' && Object.hasOwn(SAFETENSORS_DTYPE_BYTES, value);
}
