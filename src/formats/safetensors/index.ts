/**
 * Reading and writing safetensors files: bytes to values, no I/O.
 *
 * @packageDocumentation
 */
export type { ByteSource } from '../byte-source.js';
export { bytesSource } from './bytes-source.js';
export { SAFETENSORS_DTYPE_BYTES } from './dtype-bytes.js';
export { encodeSafetensors, type SafetensorsTensor } from './encode-safetensors.js';
export { findNonFinite, type NonFinite } from './find-non-finite.js';
export { float32FromTensor } from './float32-from-tensor.js';
export { bfloat16ToFloat32, float16ToFloat32 } from './half-floats.js';
export { parseShardIndex, type ShardIndex } from './parse-shard-index.js';
export { readSafetensorsHeader, type SafetensorsHeader } from './read-safetensors-header.js';
export type { SafetensorsDtype, TensorInfo } from './tensor-info.js';
