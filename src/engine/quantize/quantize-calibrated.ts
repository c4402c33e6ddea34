import type { Checkpoint } from '../../convert/checkpoint.js';
import { assembleEncoder } from '../../convert/quantize/assemble-encoder.js';
import type { QuantizedEncoder } from '../../convert/quantize/quantized-encoder.js';
import { largestWeight, type WeightBits } from '../../convert/quantize/round-rows.js';
import { splitChannels } from '../../convert/quantize/split-channels.js';
import type { ModelFiles } from '../../models/model-files.js';
import type { ModelRecord } from '../../models/model-record.js';
import type { ProgressListener } from '../../shared/progress.js';
import { notifyProgress } from '../notify-progress.js';
import { activationBytes } from './calibration-tokens.js';
import type { CalibrationTokens } from './layer-messages.js';
import { quantizeLayers } from './quantize-layers.js';

/** What {@link quantizeCalibrated} works with. */
export interface CalibratedOptions {
  /** The files that the checkpoint was opened from; each thread opens them, too. */
  readonly files: ModelFiles;
  readonly record: ModelRecord;
  readonly tokens: CalibrationTokens;
  readonly weightBits: WeightBits;
  /** Most threads to use; fewer if a layer's activations are large. */
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ProgressListener | undefined;
}

/** Bytes of activations, weights and Gram matrices that all threads may hold together. */
const MEMORY_BUDGET = 1.5e9;

/**
 * Makes the encoder of a checkpoint int8 for the texts that it was observed on. The same files and texts give the same
 * bytes, however many threads there are. Throws ABORTED or WORKER_LOST.
 */
export async function quantizeCalibrated(
  { encoder }: Checkpoint,
  { files, record, tokens, weightBits, threads, signal, onProgress }: CalibratedOptions,
): Promise<QuantizedEncoder> {
  const { layers: count, intermediateSize, hiddenSize } = encoder.shape;
  const parts = splitChannels(new Float64Array(intermediateSize)).length;
  // Query, key and value are one product; each part of the feed-forward block is two.
  const products = count * (2 + 2 * parts);
  let observed = 0;
  let rounded = 0;
  const tell = (): void => {
    notifyProgress(onProgress, { phase: 'calibrate', subject: files.id, done: observed, total: count, unit: 'layers' });
  };
  tell();
  const { words, layers } = await quantizeLayers({
    start: { files, record, tokens, largest: largestWeight(weightBits) },
    layers: count,
    threads: Math.max(
      1,
      Math.min(threads, Math.floor(MEMORY_BUDGET / bytesOfLayer(tokens.ids.length, hiddenSize, intermediateSize))),
    ),
    signal,
    onObserved: () => {
      observed++;
      tell();
    },
    onProduct: () => {
      notifyProgress(onProgress, {
        phase: 'quantize',
        subject: files.id,
        done: ++rounded,
        total: products,
        unit: 'products',
      });
    },
  });
  return assembleEncoder(encoder, words, layers);
}

/** Memory that one layer takes at most: activations and what is computed from them, and a Gram matrix with its factor. */
function bytesOfLayer(tokens: number, hiddenSize: number, intermediateSize: number): number {
  const activations = tokens * activationBytes({ hiddenSize, intermediateSize });
  const weights = 8 * (4 * hiddenSize * hiddenSize + 4 * hiddenSize * intermediateSize);
  return activations + weights + 3 * 8 * intermediateSize * intermediateSize;
}
