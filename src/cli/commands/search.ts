import { type Command, Option } from 'commander';
import type { Embedder } from '../../engine/embedder.js';
import type { VectorFile, VectorRecord } from '../../files/vectors/vector-file.js';
import type { EmbeddingBatch, ScoredIndex } from '../../vector/index.js';
import type { CommandContext, CommandRunner } from '../command-context.js';
import type { ExitCode } from '../exit-codes.js';
import {
  addDtypeFlag,
  addModelFlag,
  addOutputFlags,
  addSourceFlags,
  addProviderFlags,
  type ModelFlags,
} from '../model-flags.js';
import { parseWholeNumber } from '../parse-whole-number.js';
import {
  addVectorFileFlags,
  openVectors,
  parseNumber,
  type VectorFileFlags,
} from '../vector-input/vector-file-flags.js';
import type { QueryModelChoice } from '../vector-input/query-model.js';
import { TruncationTally } from '../vectors/truncation-tally.js';

interface SearchFlags extends ModelFlags, VectorFileFlags {
  readonly top: number;
  readonly minScore?: number;
  readonly prompt?: string;
  readonly promptName?: string;
  readonly anyDtype?: boolean;
}

/** How many results a search gives where nothing else is asked for. */
const DEFAULT_TOP = 10;

/** The model's own prompt for queries, as sentence-transformers names it. */
const QUERY_PROMPT = 'query';

const EXAMPLES = `
The model must be the one that made the vectors: others have other spaces.

Examples:
  $ isovec embed --in texts.txt --out vectors.npy
  $ isovec search "a pet on a rug" --in vectors.npy
  $ isovec search "late delivery" --in mails.parquet -k 100 --json
`;

/** Defines `isovec search`. */
export function defineSearch(program: Command, run: CommandRunner): void {
  const command = program
    .command('search')
    .summary('find the texts of a file that are closest to a query')
    .description('Find the vectors of a file that are closest to a query. Exact, and in little memory.')
    .argument('<query>', 'the text to look for');
  addVectorFileFlags(command)
    .option('-k, --top <n>', 'how many to find', parseWholeNumber, DEFAULT_TOP)
    .option('--min-score <score>', 'leave out what scores less', parseNumber)
    .addOption(new Option('--prompt <text>', 'put this in front of the query').conflicts('promptName'))
    .option('--prompt-name <name>', 'one of the model\'s own prompts (default: "query", if it has one)');
  addDtypeFlag(addModelFlag(command, 'the one that made the vectors'), 'that of the vectors').option(
    '--any-dtype',
    'let vectors of float32 and of int8 weights be compared',
  );
  addOutputFlags(addSourceFlags(addProviderFlags(command)))
    .addHelpText('after', EXAMPLES)
    .action((query: string, flags: SearchFlags) =>
      run(flags, (context) => {
        const named = (key: string): boolean => command.getOptionValueSource(key) === 'cli';
        return search(query, flags, { model: named('model'), dtype: named('dtype') }, context);
      }),
    );
}

async function search(
  query: string,
  flags: SearchFlags,
  named: QueryModelChoice['named'],
  context: CommandContext,
): Promise<ExitCode> {
  // What can be wrong with the file is told before a model is loaded.
  const file = await openVectors(flags, context);
  try {
    const { openQueryModel } = await import('../vector-input/query-model.js');
    const model = await openQueryModel(file, { flags, named }, context);
    try {
      const batch = await embedQuery(query, model, file, flags, context);
      context.timing.mark('first vector');
      const found = await findRows(batch, model, file, flags, context);
      context.timing.mark('searched');
      await print(query, found, model, file, context);
      const tally = new TruncationTally(model.info().maxSequenceLength);
      tally.add(batch);
      tally.report(context.talk);
      return 0;
    } finally {
      await model.close();
    }
  } finally {
    await file.close();
  }
}

/** As `encodeQuery`, which does not tell whether the query was cut. */
function embedQuery(
  query: string,
  model: Embedder,
  { dimensions, metadata }: VectorFile,
  flags: SearchFlags,
  { signal }: CommandContext,
): Promise<EmbeddingBatch> {
  const { prompt, promptName } = flags;
  const hasOwn = Object.hasOwn(model.info().prompts, QUERY_PROMPT);
  const name = promptName ?? (hasOwn ? QUERY_PROMPT : undefined);
  return model.encodeBatch([query], {
    signal,
    ...(prompt !== undefined || name === undefined ? { prompt: prompt ?? '' } : { promptName: name }),
    dimensions,
    ...(metadata === undefined ? {} : { normalize: metadata.normalized }),
  });
}

/** A result with what lies beside its vector. */
interface FoundRecord extends ScoredIndex {
  readonly record: VectorRecord | undefined;
}

async function findRows(
  batch: EmbeddingBatch,
  model: Embedder,
  file: VectorFile,
  flags: SearchFlags,
  { signal, talk }: CommandContext,
): Promise<FoundRecord[]> {
  const { searchVectors } = await import('../../search/search-vectors.js');
  const { similarity } = model.info();
  const { top: k, minScore = -Infinity } = flags;
  const [ranking = []] = await searchVectors(file, batch, { k, similarity, signal, onProgress: talk.onProgress });
  const found = ranking.filter(({ score }) => score >= minScore);
  const indices = found.map(({ index }) => index);
  const records = await file.records(indices, signal);
  return found.map((one) => ({ ...one, record: records.get(one.index) }));
}

async function print(
  query: string,
  found: readonly FoundRecord[],
  model: Embedder,
  file: VectorFile,
  { json, output, talk, style, columns }: CommandContext,
): Promise<void> {
  const { id, similarity } = model.info();
  talk.clear();
  if (json) {
    const { jsonValue } = await import('../vector-input/json-value.js');
    const results = found.map(({ index, score, record }, rank) => ({
      rank: rank + 1,
      row: index + 1,
      score,
      ...(record === undefined ? {} : { text: record.text, values: jsonValue(record.values) }),
    }));
    await output.json({ file: file.name, model: id, similarity, dimensions: file.dimensions, query, results });
    return;
  }
  if (found.length === 0) {
    talk.info('Nothing was found.');
    return;
  }
  const { searchTable } = await import('../vector-input/search-table.js');
  const rows = found.map(({ index, score, record }) => ({ row: index + 1, score, text: record?.text }));
  for (const line of searchTable(rows, { columns, style, bounded: similarity === 'cosine' })) await output.line(line);
}
