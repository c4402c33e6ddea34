import { type Command, Option } from 'commander';
import type { CommandContext, CommandRunner } from '../command-context.js';
import type { ExitCode } from '../exit-codes.js';
import {
  addDtypeFlag,
  addModelFlag,
  addOutputFlags,
  addSourceFlags,
  addProviderFlags,
  effectiveDimensions,
  FEW_TEXTS,
  type ModelFlags,
  openModel,
} from '../model-flags.js';
import { parseWholeNumber } from '../parse-whole-number.js';
import { TruncationTally } from '../vectors/truncation-tally.js';

interface SimilarityFlags extends ModelFlags {
  readonly prompt?: string;
  readonly promptName?: string;
  readonly dimensions?: number;
}

const EXAMPLES = `
Examples:
  $ isovec similarity "a cat on a mat" "a feline on a rug" "stock prices fell"
  $ isovec similarity --json "one" "two" | jq '.scores[0][1]'
`;

/** Defines `isovec similarity`. */
export function defineSimilarity(program: Command, run: CommandRunner): void {
  const command = program
    .command('similarity')
    .summary('compare texts with each other')
    .description("Compare every text with every other, by the model's own similarity function.")
    .argument('<text>', 'a text')
    .argument('<others...>', 'texts to compare it and each other with');
  addModelFlag(command)
    .addOption(new Option('--prompt <text>', 'put this in front of every text').conflicts('promptName'))
    .option('--prompt-name <name>', "use one of the model's own prompts")
    .option('--dimensions <n>', 'keep only the first dimensions', parseWholeNumber);
  addOutputFlags(addSourceFlags(addProviderFlags(addDtypeFlag(command))))
    .addHelpText('after', EXAMPLES)
    .action((text: string, others: string[], flags: SimilarityFlags) =>
      run(flags, (context) => compare([text, ...others], flags, context)),
    );
}

async function compare(texts: readonly string[], flags: SimilarityFlags, context: CommandContext): Promise<ExitCode> {
  const model = await openModel(flags, context, { fewTexts: texts.length <= FEW_TEXTS });
  try {
    const { similarityTable } = await import('../similarity-table.js');
    const { signal, output, talk, style, columns } = context;
    const { prompt, promptName } = flags;
    const batch = await model.encodeBatch(texts, {
      signal,
      ...(prompt === undefined ? {} : { prompt }),
      ...(promptName === undefined ? {} : { promptName }),
      dimensions: effectiveDimensions(flags.dimensions, model, context),
    });
    context.timing.mark('first vector');
    const scores = model.similarity(batch, batch);
    const info = model.info();
    talk.clear();
    if (context.json) {
      await output.json({
        model: info.id,
        similarity: info.similarity,
        dimensions: batch.dimensions,
        texts: texts.map((text, index) => ({
          text,
          tokens: batch.tokens[index],
          truncated: batch.truncated[index] === 1,
        })),
        scores: texts.map((_, row) =>
          Array.from(scores.data.subarray(row * scores.columns, (row + 1) * scores.columns)),
        ),
      });
    } else {
      const bounded = info.similarity === 'cosine';
      for (const line of similarityTable(texts, scores, { columns, style, bounded })) await output.line(line);
    }
    const tally = new TruncationTally(info.maxSequenceLength);
    tally.add(batch);
    tally.report(talk);
    return 0;
  } finally {
    await model.close();
  }
}
