import { type Command, InvalidArgumentError } from 'commander';
import type { VectorFile } from '../../files/vectors/vector-file.js';
import type { CommandContext } from '../command-context.js';
import { parseWholeNumber } from '../parse-whole-number.js';

/** Flags of commands that read a file of vectors. */
export interface VectorFileFlags {
  readonly in: string;
  readonly texts?: string;
  readonly column?: string;
  readonly vectorColumn?: string;
  readonly dimensions?: number;
}

/** Adds the flags that say where vectors and their texts are. */
export function addVectorFileFlags(command: Command): Command {
  return command
    .requiredOption('--in <file>', 'file of vectors: .npy, .parquet, .jsonl or .f32')
    .option('--texts <file>', 'file of the texts, a row a vector (default: those that were embedded)')
    .option('--column <name>', 'column of the texts (default: the one that was embedded)')
    .option('--vector-column <name>', 'column of the vectors (default: the one that the file names, or the only one)')
    .option('--dimensions <n>', 'dimensions of the vectors, where the file does not say', parseWholeNumber);
}

/** Opens the file of vectors that a command's flags name. */
export async function openVectors(flags: VectorFileFlags, { signal, talk }: CommandContext): Promise<VectorFile> {
  const { openVectorFile } = await import('../../files/vectors/read/open-vector-file.js');
  const { dimensions, vectorColumn, texts, column: textColumn } = flags;
  return openVectorFile(flags.in, { dimensions, vectorColumn, texts, textColumn, signal, logger: talk });
}

/** Reads the value of a flag that takes a number. */
export function parseNumber(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}
