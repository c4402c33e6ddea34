import { IsovecError } from '../../shared/isovec-error.js';
import type { TokenizerFiles } from './tokenizer-files.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * Refuses a tokenizer file that holds ids beyond the model's embedding rows: such an id would read past the table
 * (CWE-125) or fail in the middle of a batch. FORMAT_INVALID naming the file and the id.
 */
export function checkTokenIds(files: TokenizerFiles, vocabulary: Vocabulary, vocabularySize: number): void {
  const refuse = (where: string, id: number): IsovecError =>
    new IsovecError(
      'FORMAT_INVALID',
      `${files.file}: ${where} holds token id ${id}, but config.json declares a vocabulary of ${vocabularySize}: ` +
        'ids must be below it. The tokenizer belongs to another model, or tokens were added without resizing it.',
      { data: { file: files.file, id } },
    );
  if (vocabulary.highestId >= vocabularySize) throw refuse('model.vocab', vocabulary.highestId);
  const beyond = files.addedTokens.find(([id]) => id >= vocabularySize);
  if (beyond !== undefined) throw refuse('added_tokens (vocab)', beyond[0]);
}
