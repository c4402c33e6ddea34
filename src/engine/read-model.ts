import type { Checkpoint } from '../convert/checkpoint.js';
import type { QuantizedEncoder } from '../convert/quantize/quantized-encoder.js';
import { convertToNative, type NativeConversion } from '../convert/convert-to-native.js';
import { createEmbeddingSpace, type EmbeddingSpace } from '../models/embedding-space.js';
import { readModelRecord } from '../models/model-config/read-model-record.js';
import type { ModelFiles } from '../models/model-files.js';
import type { ModelRecord } from '../models/model-record.js';
import { readTokenizerDefinition } from '../models/tokenizer-definition/read-tokenizer-definition.js';
import type { TokenizerDefinition } from '../models/tokenizer-definition/tokenizer-definition.js';

/** A model's files, read and checked, with its native graph in memory. */
export interface ReadModel {
  readonly record: ModelRecord;
  readonly tokenizer: TokenizerDefinition;
  readonly space: EmbeddingSpace;
  readonly conversion: NativeConversion;
}

/** Makes the encoder of a checkpoint int8. */
export type Quantizer = (
  checkpoint: Checkpoint,
  read: Pick<ReadModel, 'record' | 'tokenizer'>,
) => Promise<QuantizedEncoder>;

/**
 * Reads configuration, tokenizer and weights, makes them int8 if a quantizer is given, and writes the graph in memory.
 * The caller closes the conversion.
 */
export async function readModel(
  files: ModelFiles,
  signal: AbortSignal | undefined,
  quantize?: Quantizer,
): Promise<ReadModel> {
  const record = await readModelRecord(files);
  const tokenizer = await readTokenizerDefinition(files, record);
  const conversion = await convertToNative(files, record, {
    signal,
    quantize: quantize && ((checkpoint) => quantize(checkpoint, { record, tokenizer })),
  });
  const space = createEmbeddingSpace(
    record,
    tokenizer,
    conversion.checkpointDigest,
    quantize === undefined ? 'float32' : 'int8',
  );
  return { record, tokenizer, space, conversion };
}
