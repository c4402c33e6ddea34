/**
 * From a checkpoint to ONNX: the native graph that isovec runs, and portable folders for other tools.
 *
 * @packageDocumentation
 */
export {
  type ConversionReport,
  convertToNative,
  type NativeConversion,
  type NativeOptions,
} from './convert-to-native.js';
export type { Checkpoint } from './checkpoint.js';
export { convertToPortable, type PortableConversion, type PortableOptions } from './convert-to-portable.js';
export type { WrittenFile } from './portable-folder.js';
export { quantizeUncalibrated, type QuantizeOptions } from './quantize/quantize-uncalibrated.js';
export type { QuantizedEncoder } from './quantize/quantized-encoder.js';
export { listFolderFiles } from '../models/folder-files.js';
export { readModelRecord } from '../models/model-config/read-model-record.js';
export type { ModelFile, ModelFiles } from '../models/model-files.js';
export type { ModelRecord } from '../models/model-record.js';
export { NATIVE_VALUES, type NativeBundle } from '../models/native-bundle.js';
export {
  readTokenizerDefinition,
  type TokenizedModel,
} from '../models/tokenizer-definition/read-tokenizer-definition.js';
export type { TokenizerDefinition } from '../models/tokenizer-definition/tokenizer-definition.js';
