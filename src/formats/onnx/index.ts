/**
 * Reading and writing ONNX models: bytes to values, no I/O.
 *
 * @packageDocumentation
 */
export { decodeOnnxModel } from './decode-onnx-model.js';
export { encodeOnnxModel } from './encode-onnx-model.js';
export { inspectOnnxModel, type OnnxSummary, type OnnxValueSummary } from './inspect-onnx-model.js';
export type {
  OnnxAttribute,
  OnnxDtype,
  OnnxModel,
  OnnxNode,
  OnnxOpset,
  OnnxTensor,
  OnnxTensorData,
  OnnxValue,
} from './onnx-model.js';
