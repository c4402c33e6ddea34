import type { Checkpoint } from '../../convert/checkpoint.js';
import { quantizeUncalibrated } from '../../convert/quantize/quantize-uncalibrated.js';
import type { QuantizedEncoder } from '../../convert/quantize/quantized-encoder.js';
import type { ModelFiles } from '../../models/model-files.js';
import type { ModelRecord } from '../../models/model-record.js';
import type { TokenizerDefinition } from '../../models/tokenizer-definition/tokenizer-definition.js';
import { TextTokenizer } from '../../runtime/tokenizer.js';
import type { ProgressListener } from '../../shared/progress.js';
import { notifyProgress } from '../notify-progress.js';
import { usableCores } from '../usable-cores.js';
import { readCalibrationTexts } from './calibration-file.js';
import { calibrationTokens, mostCalibrationTokens } from './calibration-tokens.js';
import type { ChosenQuantization } from './quantization.js';
import { quantizeCalibrated } from './quantize-calibrated.js';
import { withPieces } from './text-pieces.js';

/** A model whose checkpoint is made int8. */
export interface QuantizedModel {
  /** The files that the checkpoint was opened from. */
  readonly files: ModelFiles;
  readonly record: ModelRecord;
  readonly tokenizer: TokenizerDefinition;
}

/** Whom quantising tells, and what ends it. */
export interface QuantizeCall {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ProgressListener | undefined;
  /** Most threads; one per usable core by default. */
  readonly threads?: number | undefined;
}

/** Makes a checkpoint's encoder int8, by the recipe that is asked for. Throws ABORTED, WORKER_LOST or INPUT_INVALID. */
export async function quantizeCheckpoint(
  checkpoint: Checkpoint,
  { files, record, tokenizer }: QuantizedModel,
  { quantization: { weightBits }, calibrationFile }: ChosenQuantization,
  { signal, onProgress, threads }: QuantizeCall,
): Promise<QuantizedEncoder> {
  if (calibrationFile === undefined) {
    return quantizeUncalibrated(checkpoint.encoder, {
      weightBits,
      signal,
      onLayer: (done, total) => {
        notifyProgress(onProgress, { phase: 'quantize', subject: files.id, done, total, unit: 'layers' });
      },
    });
  }
  const texts = withPieces(await readCalibrationTexts(calibrationFile, signal));
  const textTokenizer = await TextTokenizer.load(tokenizer, record.maxSequenceLength);
  const tokens = await calibrationTokens(texts, textTokenizer, mostCalibrationTokens(checkpoint.encoder.shape), signal);
  return quantizeCalibrated(checkpoint, {
    files,
    record,
    tokens,
    weightBits,
    threads: threads ?? (await usableCores()),
    signal,
    onProgress,
  });
}
