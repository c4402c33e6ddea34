import * as engine from 'onnxruntime-node';

import { NATIVE_VALUES, type NativeBundle } from '#src/models/native-bundle.js';
import { FLUSH_TO_ZERO_MODEL } from '#src/runtime/sessions/flush-to-zero-model.js';

/** Tiny numbers count as zero from here on, as on the product's threads; to be called before the first session. */
export async function flushToZero(): Promise<void> {
  const extra = { session: { set_denormal_as_zero: '1' } };
  await (await engine.InferenceSession.create(FLUSH_TO_ZERO_MODEL, { extra })).release();
}

/** A session of a native graph as the product makes it, on so many threads. */
export function nativeSession(
  graph: Uint8Array,
  dataFolder: string,
  options: engine.InferenceSession.SessionOptions = {},
): Promise<engine.InferenceSession> {
  return engine.InferenceSession.create(graph, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'basic',
    extra: { session: { model_external_initializers_file_folder_path: dataFolder } },
    ...options,
  });
}

/** Inputs of a native graph with mean pooling: `batch` texts of `length` tokens, no two alike. */
export function nativeFeeds(
  { hiddenSize }: Pick<NativeBundle, 'hiddenSize'>,
  batch: number,
  length: number,
): Record<string, engine.Tensor> {
  const tokens = batch * length;
  const ids = Int32Array.from({ length: tokens }, (_, i) => 1000 + ((i * 7919) % 20_000));
  const positions = ids.map((_, i) => i % length);
  const shape = BigInt64Array.from([batch, length, hiddenSize], BigInt);
  const weights = new Float32Array(length).fill(1 / length);
  return {
    [NATIVE_VALUES.ids]: new engine.Tensor('int32', ids, [tokens]),
    [NATIVE_VALUES.positions]: new engine.Tensor('int32', positions, [tokens]),
    [NATIVE_VALUES.shape]: new engine.Tensor('int64', shape, [3]),
    [NATIVE_VALUES.poolingWeights]: new engine.Tensor('float32', weights, [1, 1, length]),
  };
}
