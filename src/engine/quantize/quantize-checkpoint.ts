import type { Checkpoint } from '../../convert/checkpoint.js';
import { quantizeUncalibrated } from '../../convert/quantize/quantize-uncalibrated.js';
import type { QuantizedEncoder } from '../../convert/quantize/quantized-encoder.js';
import type { ProgressListener } from '../../shared/progress.js';
import { notifyProgress } from '../notify-progress.js';
import type { Quantization } from './quantization.js';

/** Whom quantising tells, and what ends it. */
export interface QuantizeCall {
  /** Name of the model, for progress. */
  readonly subject: string;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ProgressListener | undefined;
}

/** Makes a checkpoint's encoder int8, by the recipe that is asked for. Throws ABORTED. */
export function quantizeCheckpoint(
  { encoder }: Checkpoint,
  { weightBits }: Quantization,
  { subject, signal, onProgress }: QuantizeCall,
): Promise<QuantizedEncoder> {
  return quantizeUncalibrated(encoder, {
    weightBits,
    signal,
    onLayer: (done, total) => {
      notifyProgress(onProgress, { phase: 'quantize', subject, done, total, unit: 'steps' });
    },
  });
}
