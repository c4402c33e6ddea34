import type { EmbedWork } from '../../jobs/embed-job.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { CommandContext } from '../command-context.js';
import { effectiveDimensions, FEW_TEXTS, openModel } from '../model-flags.js';
import type { EmbedFlags, OutputFormat } from './embed-flags.js';
import { encodingOf, promptOf } from './encoding-of-flags.js';
import { inputFile, keptColumns, openRows } from './open-rows.js';

/** Embeds texts to standard output as they come. */
export async function embedToOutput(
  texts: readonly string[],
  flags: EmbedFlags,
  context: CommandContext,
): Promise<void> {
  const shown = chooseFormat(flags, context);
  for (const name of ['resume', 'force'] as const) {
    if (flags[name] === true) {
      throw new IsovecError('CONFIG_INVALID', `--${name} is for files; name one with --out.`);
    }
  }
  const encoding = await encodingOf(flags);
  const keep = shown === 'jsonl' ? keptColumns(flags) : [];
  const source = await openRows(texts, flags, { keep }, context);
  try {
    const fewTexts = flags.in === undefined && texts.length > 0 && texts.length <= FEW_TEXTS;
    // What comes after loading is imported meanwhile.
    const [model, { writeOutput }] = await Promise.all([
      openModel(flags, context, { fewTexts }),
      import('./write-output.js'),
    ]);
    try {
      const work: EmbedWork = {
        source,
        sourceFile: inputFile(flags),
        header: flags.header,
        maxRowBytes: flags.maxRowBytes,
        format: { format: shown === 'table' ? 'jsonl' : shown, compression: undefined },
        vectorColumn: flags.vectorColumn,
        encode: { ...encoding, prompt: await promptOf(flags, model) },
        truncate: flags.truncate,
        onError: flags.onError,
      };
      effectiveDimensions(flags.dimensions, model, context);
      await writeOutput(work, shown, model, context);
    } finally {
      await model.close();
    }
  } finally {
    await source.close();
  }
}

function chooseFormat(flags: EmbedFlags, { output }: CommandContext): OutputFormat {
  if (flags.format === 'table' && flags.json === true) {
    throw new IsovecError('CONFIG_INVALID', '--json and --format table exclude each other; leave one out.');
  }
  const format = flags.format ?? (output.isTerminal && flags.json !== true ? 'table' : 'jsonl');
  if ((format === 'npy' || format === 'f32') && output.isTerminal) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `--format ${format} is binary and would garble the terminal; add --out FILE, or use a pipe.`,
    );
  }
  return format;
}
