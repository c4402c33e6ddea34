import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConversionReport } from '../convert/convert-to-native.js';
import { digestFile } from '../models/cache/content-digest.js';
import { stampOf } from '../models/cache/prepared-source.js';
import type { EmbeddingSpace } from '../models/embedding-space.js';
import type { ModelRecord } from '../models/model-record.js';
import type { NativeBundle } from '../models/native-bundle.js';
import type { TokenizerDefinition } from '../models/tokenizer-definition/tokenizer-definition.js';
import type { QuantizationRecord } from './quantize/quantization.js';

/** A model ready for sessions: everything that was read from its files, and a graph beside it. */
export interface PreparedModel {
  readonly record: ModelRecord;
  readonly tokenizer: TokenizerDefinition;
  readonly space: EmbeddingSpace;
  readonly bundle: NativeBundle;
  readonly conversion: ConversionReport;
  /** How the weights were made int8; absent where they are float32. */
  readonly quantization?: QuantizationRecord;
}

/** What is stored as prepared.json; the tokenizer's own JSON is a file of its own. */
export type StoredModel = Omit<PreparedModel, 'tokenizer'> & {
  readonly tokenizer: Omit<TokenizerDefinition, 'json'>;
  /** Stamp of the int8 weights when they were written: reading them all at every load would take longer than the rest. */
  readonly weightsStamp?: string;
};

/** Names that the converter gives its data files; written out here so that it need not be loaded. */
const CONVERTED_WEIGHTS = 'weights.f32';
export const QUANTIZED_WEIGHTS: string = 'weights.i8';
export const PREPARED_FILE: string = 'prepared.json';
export const GRAPH_FILE: string = 'graph.onnx';
export const TOKENIZER_FILE: string = 'tokenizer.json';
/** SHA-256 over the other three files: a graph with one wrong byte may load and give wrong vectors. */
export const DIGEST_FILE: string = 'prepared.sha256';

/** What lies in a folder; undefined if it is absent, incomplete or damaged. */
export async function readPrepared(folder: string): Promise<PreparedModel | undefined> {
  try {
    const [digest = '', ...contents] = await Promise.all(
      [DIGEST_FILE, PREPARED_FILE, TOKENIZER_FILE, GRAPH_FILE].map((name) => readFile(join(folder, name))),
    );
    const [stored, json] = contents;
    if (digest.toString() !== digestOf(contents) || stored === undefined || json === undefined) return undefined;
    const model = JSON.parse(stored.toString()) as StoredModel;
    if (!(await hasWeights(folder, model))) return undefined;
    return { ...model, tokenizer: { ...model.tokenizer, json: json.toString() } };
  } catch {
    return undefined;
  }
}

/** Whether the weights that belong to a stored model lie beside it, undamaged. */
async function hasWeights(folder: string, { conversion, quantization, weightsStamp }: StoredModel): Promise<boolean> {
  const { weightBytesConverted } = conversion;
  if (quantization !== undefined) {
    const file = join(folder, QUANTIZED_WEIGHTS);
    // A copied cache has other stamps; only then, or after a change, does the content decide.
    if ((await stampOf(file)) === weightsStamp) return true;
    return (await digestFile(file, { size: quantization.weightsBytes })).sha256 === quantization.weightsDigest;
  }
  return weightBytesConverted === 0 || (await stat(join(folder, CONVERTED_WEIGHTS))).size === weightBytesConverted;
}

/** SHA-256 over files with their lengths, hexadecimal. */
export function digestOf(contents: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(`${content.byteLength}\n`).update(content);
  return hash.digest('hex');
}
