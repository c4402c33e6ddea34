import type { ModelFiles } from '../model-files.js';
import { ConfigFields } from './config-fields.js';
import { insideFolder } from './module-path.js';
import { readConfigFile } from './read-config-file.js';
import type { TransformerSettings } from './read-transformer-settings.js';

/**
 * Longest input in tokens, special tokens included: the saved `max_seq_length` if there is one, else the tokenizer's
 * `model_max_length`, and in no case more than the position table can number. sentence-transformers does not cap a
 * saved `max_seq_length`; beyond the table it fails on long texts, where isovec truncates and says so.
 * The truncation block of tokenizer.json does not count.
 */
export async function readSequenceLimit(
  files: ModelFiles,
  folder: string,
  settings: TransformerSettings,
  usablePositions: number,
): Promise<number> {
  const overrides = new ConfigFields('sentence_bert_config.json', settings.tokenizerSettings);
  const tokenizer = await readConfigFile(files, insideFolder(folder, 'tokenizer_config.json'));
  const limit =
    overrides.optionalTokenLimit('model_max_length') ??
    settings.maxSequenceLength ??
    tokenizer?.optionalTokenLimit('model_max_length') ??
    tokenizer?.optionalTokenLimit('max_len') ??
    usablePositions;
  return Math.min(limit, usablePositions);
}
