import process from 'node:process';
import { type Command, Option } from 'commander';
import type { Embedder } from '../../engine/embedder.js';
import type { EncodeOptions, EncodeTask } from '../../engine/encode-options.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { EmbeddingBatch, Precision } from '../../vector/index.js';
import type { CommandContext, CommandRunner } from '../command-context.js';
import type { ExitCode } from '../exit-codes.js';
import {
  addModelFlag,
  addOutputFlags,
  addSourceFlags,
  addThreadsFlag,
  effectiveDimensions,
  type ModelFlags,
  openModel,
} from '../model-flags.js';
import { parseWholeNumber } from '../parse-whole-number.js';
import { TruncationTally } from '../vectors/truncation-tally.js';
import type { VectorFormat, VectorOutput } from '../vectors/open-vector-output.js';

interface EmbedFlags extends ModelFlags {
  readonly format?: VectorFormat;
  readonly out?: string;
  readonly prompt?: string;
  readonly promptName?: string;
  readonly query?: boolean;
  readonly document?: boolean;
  readonly dimensions?: number;
  readonly normalize?: boolean;
  readonly precision?: Precision;
  readonly ranges?: string;
}

const EXAMPLES = `
Examples:
  $ isovec embed "How do I reset my password?" "Opening hours"
  $ isovec embed --format npy --out vectors.npy < texts.txt
  $ cat texts.txt | isovec embed --quiet | jq -c .vector
  $ isovec embed --query --model ./my-model "what is a vector"
  $ isovec embed --dimensions 128 --normalize --precision ubinary < texts.txt

Lines of standard input end with \\n or \\r\\n and are UTF-8; an empty line is an
empty text, which has a vector, too. Texts longer than the model takes are cut,
and reported as truncated.
`;

/** Defines `isovec embed`. */
export function defineEmbed(program: Command, run: CommandRunner): void {
  const command = program
    .command('embed')
    .summary('embed texts')
    .description('Embed texts: the arguments, or each line of standard input if there are none or only "-".')
    .argument('[texts...]', 'texts');
  addModelFlag(command)
    .addOption(
      new Option('--format <format>', 'default: table on a terminal, jsonl elsewhere, npy for --out NAME.npy').choices([
        'table',
        'jsonl',
        'npy',
      ]),
    )
    .option('-o, --out <file>', 'write to a file, which appears when it is complete')
    .addOption(new Option('--prompt <text>', 'put this in front of every text').conflicts('promptName'))
    .option('--prompt-name <name>', "use one of the model's own prompts")
    .addOption(
      new Option('--query', 'embed search queries, with the prompt the model has for them').conflicts('document'),
    )
    .option('--document', 'embed documents, with the prompt the model has for them')
    .option('--dimensions <n>', 'keep only the first dimensions', parseWholeNumber)
    .option('--normalize', 'give every vector the length 1, after --dimensions')
    .addOption(
      new Option('--precision <type>', 'element type (default: float32)').choices([
        'float32',
        'int8',
        'uint8',
        'binary',
        'ubinary',
      ]),
    )
    .option('--ranges <file>', 'JSON {"min": [...], "max": [...]} for int8 and uint8');
  addOutputFlags(addSourceFlags(addThreadsFlag(command)))
    .addHelpText('after', EXAMPLES)
    .action((texts: string[], flags: EmbedFlags) => run(flags, (context) => embed(texts, flags, context)));
}

async function embed(texts: readonly string[], flags: EmbedFlags, context: CommandContext): Promise<ExitCode> {
  const format = chooseFormat(flags, context);
  const encoding = await encodeOptions(flags, context);
  const model = await openModel(flags, context);
  try {
    const { openVectorOutput } = await import('../vectors/open-vector-output.js');
    const dimensions = effectiveDimensions(flags.dimensions, model, context);
    const layout = { precision: flags.precision ?? 'float32', dimensions };
    const options = { ...encoding, ...(await promptOption(flags, model)) };
    const source = await textSource(texts, context);
    const output = await openVectorOutput(format, flags.out, layout, context);
    try {
      await writeVectors(source, model, options, output, context);
    } finally {
      await output.discard();
    }
    return 0;
  } finally {
    await model.close();
  }
}

async function writeVectors(
  source: AsyncIterable<string> | Iterable<string>,
  model: Embedder,
  options: EncodeOptions<Precision>,
  output: VectorOutput,
  context: CommandContext,
): Promise<void> {
  const waiting: string[] = [];
  const tally = new TruncationTally(model.info().maxSequenceLength);
  const batches: AsyncIterable<EmbeddingBatch<Precision>> = model.encodeStream(remembered(source, waiting), options);
  for await (const batch of batches) {
    tally.add(batch);
    context.talk.clear();
    await output.writer.write(batch, waiting.splice(0, batch.count));
  }
  await output.finish();
  tally.report(context.talk);
}

/** Passes texts on and keeps them until their vectors come: no more than the stream itself has in work. */
async function* remembered(
  source: AsyncIterable<string> | Iterable<string>,
  waiting: string[],
): AsyncGenerator<string> {
  for await (const text of source) {
    waiting.push(text);
    yield text;
  }
}

async function textSource(
  texts: readonly string[],
  { talk, signal }: CommandContext,
): Promise<AsyncIterable<string> | readonly string[]> {
  if (texts.length > 0 && !(texts.length === 1 && texts[0] === '-')) return texts;
  if (process.stdin.isTTY) talk.info('Reading texts from the terminal, one a line; Ctrl-D ends them.');
  const { readLines } = await import('../input/read-lines.js');
  return readLines(process.stdin, signal);
}

function chooseFormat(flags: EmbedFlags, { output }: CommandContext): VectorFormat {
  if (flags.format === 'table' && flags.json === true) {
    throw new IsovecError('CONFIG_INVALID', '--json and --format table exclude each other; leave one out.');
  }
  const ofFile = flags.out?.toLowerCase().endsWith('.npy') === true ? 'npy' : 'jsonl';
  const ofTerminal = output.isTerminal && flags.json !== true ? 'table' : 'jsonl';
  const format = flags.format ?? (flags.out === undefined ? ofTerminal : ofFile);
  if (format === 'npy' && flags.out === undefined && output.isTerminal) {
    throw new IsovecError(
      'CONFIG_INVALID',
      '--format npy is binary and would garble the terminal; add --out FILE, or use a pipe.',
    );
  }
  return format;
}

async function encodeOptions(flags: EmbedFlags, { signal, talk }: CommandContext): Promise<EncodeOptions<Precision>> {
  const calibrated = flags.precision === 'int8' || flags.precision === 'uint8';
  if (calibrated !== (flags.ranges !== undefined)) {
    const rule = calibrated
      ? `--precision ${flags.precision ?? ''} needs --ranges FILE, the ranges of typical vectors`
      : '--ranges is only for --precision int8 and uint8';
    throw new IsovecError('CONFIG_INVALID', `${rule}.`);
  }
  const ranges =
    flags.ranges === undefined ? undefined : await (await import('../input/read-ranges.js')).readRanges(flags.ranges);
  return {
    precision: flags.precision ?? 'float32',
    signal,
    onProgress: talk.onProgress,
    ...(flags.dimensions === undefined ? {} : { dimensions: flags.dimensions }),
    ...(flags.normalize === undefined ? {} : { normalize: flags.normalize }),
    ...(ranges === undefined ? {} : { ranges }),
  };
}

/** The prompt of the flags, by the rules of encode, encodeQuery and encodeDocument. */
async function promptOption(flags: EmbedFlags, model: Embedder): Promise<{ readonly prompt: string }> {
  const { resolvePrompt } = await import('../../engine/encode-options.js');
  const task: EncodeTask = flags.query === true ? 'query' : flags.document === true ? 'document' : 'plain';
  const { prompt, promptName } = flags;
  const named = { ...(prompt === undefined ? {} : { prompt }), ...(promptName === undefined ? {} : { promptName }) };
  return { prompt: resolvePrompt(named, task, model.info()) };
}
