import type * as OnnxRuntime from 'onnxruntime-node';
import { loadNative } from '../native-packages.js';

/** The ONNX Runtime binding, or PACKAGE_MISSING with the ways out on this platform. */
export function loadEngine(): typeof OnnxRuntime {
  return loadNative('onnxruntime-node') as typeof OnnxRuntime;
}
