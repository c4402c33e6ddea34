import type * as OnnxRuntime from 'onnxruntime-node';
import { errorMessage, IsovecError } from '../../shared/isovec-error.js';

/** The ONNX Runtime binding, or PACKAGE_MISSING with the one command that mends it. */
export async function loadEngine(): Promise<typeof OnnxRuntime> {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    throw new IsovecError(
      'PACKAGE_MISSING',
      `The package onnxruntime-node cannot be loaded (${errorMessage(cause)}). Install it with: npm install --ignore-scripts onnxruntime-node@1.30.0`,
      { cause, data: { package: 'onnxruntime-node' } },
    );
  }
}
