import { createRequire } from 'node:module';
import type * as OnnxRuntime from 'onnxruntime-node';
import { errorMessage, IsovecError } from '../../shared/isovec-error.js';

// Importing a CommonJS package would make Node read and analyse its files first, for the names of its exports.
const require = createRequire(import.meta.url);

/** The ONNX Runtime binding, or PACKAGE_MISSING with the one command that mends it. */
export function loadEngine(): typeof OnnxRuntime {
  try {
    return require('onnxruntime-node') as typeof OnnxRuntime;
  } catch (cause) {
    throw new IsovecError(
      'PACKAGE_MISSING',
      `The package onnxruntime-node cannot be loaded (${errorMessage(cause)}). Install it with: npm install --ignore-scripts onnxruntime-node@1.30.0`,
      { cause, data: { package: 'onnxruntime-node' } },
    );
  }
}
