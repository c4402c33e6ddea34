import { type Command, InvalidArgumentError, Option } from 'commander';
import type { RowFormat } from '../../files/rows/row-source.js';
import type { VectorFileFormat } from '../../files/vectors/vector-encoder.js';
import type { Precision } from '../../vector/index.js';
import {
  addDtypeFlag,
  addModelFlag,
  addOutputFlags,
  addSourceFlags,
  addProviderFlags,
  type ModelFlags,
} from '../model-flags.js';
import { parseWholeNumber } from '../parse-whole-number.js';

/** A text of a megabyte is three hundred pages; models take one page or two, so a longer row is nearly always a mistake. */
const MAX_ROW_BYTES = 1024 * 1024;
const VECTOR_COLUMN = 'vector';

const INPUT = 'Options of the input:';
const OUTPUT = 'Options of the output:';
const EMBEDDING = 'Options of embedding:';
const MODEL = 'Options of the model:';

/** Formats of standard output. */
export type OutputFormat = 'table' | Exclude<VectorFileFormat, 'parquet'>;

/** Flags of `isovec embed`. */
export interface EmbedFlags extends ModelFlags {
  readonly in?: string;
  readonly inFormat?: RowFormat;
  readonly column?: string;
  readonly header: boolean;
  readonly keep?: readonly string[];
  readonly maxRowBytes: number;
  readonly onError: 'fail' | 'skip';
  readonly truncate: 'cut' | 'fail';
  readonly out?: string;
  readonly format?: OutputFormat;
  readonly vectorColumn: string;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly prompt?: string;
  readonly promptName?: string;
  readonly query?: boolean;
  readonly document?: boolean;
  readonly dimensions?: number;
  readonly normalize?: boolean;
  readonly precision: Precision;
  readonly ranges?: string;
}

/** Adds the flags of `isovec embed`. */
export function addEmbedFlags(command: Command): Command {
  const grouped = (group: string, option: Option): void => {
    command.addOption(option.helpGroup(group));
  };
  const formats: readonly RowFormat[] = ['text', 'jsonl', 'csv', 'tsv', 'parquet'];
  for (const option of [
    new Option('-i, --in <file>', 'file of texts: .txt .jsonl .csv .tsv .parquet; - for a pipe'),
    new Option('--in-format <format>', 'format of the input (default: by its name; of a pipe: text)').choices(formats),
    new Option('--column <name>', 'column of the texts (default: "text", or the only one)'),
    new Option('--no-header', 'CSV without names: its columns are column1, column2, ...'),
    new Option(
      '--keep <columns>',
      'columns to write beside the vectors: names a,b,c, or all, or none (default: all)',
    ).argParser(parseNames),
    new Option('--max-row-bytes <n>', 'longest row; longer ones are refused')
      .default(MAX_ROW_BYTES)
      .argParser(parseWholeNumber),
    new Option('--on-error <what>', 'rows that cannot be embedded end the work, or are listed and left out')
      .choices(['fail', 'skip'])
      .default('fail'),
  ]) {
    grouped(INPUT, option);
  }
  for (const option of [
    new Option('-o, --out <file>', 'file of vectors: .jsonl .npy .parquet .f32; - for a pipe'),
    new Option('--format <format>', 'of standard output (default: table on a terminal, else jsonl)').choices([
      'table',
      'jsonl',
      'npy',
      'f32',
    ]),
    new Option('--vector-column <name>', 'column of the vectors in .jsonl and .parquet').default(VECTOR_COLUMN),
    new Option('--resume', 'continue an interrupted run; harmless if there is none').conflicts('force'),
    new Option('--force', 'replace what is there'),
  ]) {
    grouped(OUTPUT, option);
  }
  for (const option of [
    new Option('--prompt <text>', 'put this in front of every text').conflicts('promptName'),
    new Option('--prompt-name <name>', "use one of the model's own prompts"),
    new Option('--query', 'embed search queries, with the prompt the model has for them').conflicts('document'),
    new Option('--document', 'embed documents, with the prompt the model has for them'),
    new Option('--truncate <what>', 'texts longer than the model takes are cut and reported, or refused')
      .choices(['cut', 'fail'])
      .default('cut'),
    new Option('--dimensions <n>', 'keep only the first dimensions').argParser(parseWholeNumber),
    new Option('--normalize', 'give every vector the length 1, after --dimensions'),
    new Option('--precision <type>', 'element type')
      .choices(['float32', 'int8', 'uint8', 'binary', 'ubinary'])
      .default('float32'),
    new Option('--ranges <file>', 'JSON {"min": [...], "max": [...]} for int8 and uint8'),
  ]) {
    grouped(EMBEDDING, option);
  }
  command.optionsGroup(MODEL);
  return addOutputFlags(addSourceFlags(addProviderFlags(addDtypeFlag(addModelFlag(command)))));
}

function parseNames(value: string): readonly string[] {
  const names = value.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('A name is empty; write names as a,b,c, or all, or none.');
  return names;
}
