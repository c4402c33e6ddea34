import { tmpdir } from 'node:os';
import process from 'node:process';
import type { Embedder } from '../../engine/embedder.js';
import type { EmbedWork } from '../../jobs/embed-job.js';
import type { VectorFileFormat } from '../../files/vectors/vector-encoder.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { CommandContext } from '../command-context.js';
import { effectiveDimensions, openModel } from '../model-flags.js';
import { formatCount } from '../text/format-count.js';
import type { VectorWriter } from '../vectors/vector-writer.js';
import type { EmbedFlags } from './embed-flags.js';
import { encodingOf, promptOf } from './encoding-of-flags.js';
import { inputFile, keptColumns, openRows } from './open-rows.js';
import { reportTruncation } from './report-truncation.js';

/** Formats of standard output. */
export type OutputFormat = 'table' | Exclude<VectorFileFormat, 'parquet'>;

/** Reasons of refused rows that are told one by one. */
const TOLD = 10;

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
    const fewTexts = flags.in === undefined && texts.length > 0 && texts.length <= 16;
    const model = await openModel(flags, context, { fewTexts });
    try {
      const work: EmbedWork = {
        source,
        sourceFile: inputFile(flags),
        maxRowBytes: flags.maxRowBytes,
        format: { format: shown === 'table' ? 'jsonl' : shown, compression: undefined },
        vectorColumn: flags.vectorColumn,
        encode: { ...encoding, prompt: await promptOf(flags, model) },
        truncate: flags.truncate,
        onError: flags.onError,
      };
      effectiveDimensions(flags.dimensions, model, context);
      await write(work, shown, model, context);
    } finally {
      await model.close();
    }
  } finally {
    await source.close();
  }
}

async function write(work: EmbedWork, shown: OutputFormat, model: Embedder, context: CommandContext): Promise<void> {
  const { streamRows } = await import('../../jobs/stream-rows.js');
  const { identifyJob } = await import('../../jobs/job-identity.js');
  const { output, style, columns, talk, signal } = context;
  const stream = streamRows(model, work, { signal, onProgress: talk.onProgress });
  const drain = async (writer: VectorWriter): Promise<void> => {
    for await (const { rows, vectors, refused } of stream.segments()) {
      context.timing.mark('first vector');
      for (const { refused: reason } of refused.slice(0, Math.max(0, TOLD - stream.tally.refused + refused.length))) {
        talk.warn(reason.message);
      }
      talk.clear();
      if (rows.length > 0) await writer.write({ rows, vectors });
    }
  };
  if (shown === 'table') {
    const { TableWriter } = await import('../vectors/table-writer.js');
    await drain(new TableWriter(output, identifyJob(model, work), style, columns));
  } else {
    const { encoderFor } = await import('../../jobs/encoder-for.js');
    const { EncodedWriter } = await import('../vectors/encoded-writer.js');
    const encoder = await encoderFor(work, identifyJob(model, work), []);
    const complete = (): ReturnType<typeof encoder.end> => encoder.end(stream.metadata(process.cwd()));
    if (shown === 'npy') {
      // The header says how many rows follow: on a pipe it can be written only after the last.
      const { TemporaryFile } = await import('../output/temporary-file.js');
      const file = await TemporaryFile.create(tmpdir());
      try {
        await drain(await EncodedWriter.begin(encoder, file));
        const { tail, head } = complete();
        await file.write(tail);
        if (head !== undefined) await file.overwriteStart(head);
        await file.copyTo(output);
      } finally {
        await file.discard();
      }
    } else {
      await drain(await EncodedWriter.begin(encoder, output));
      await output.write(complete().tail);
    }
  }
  const { tally } = stream;
  const { rows, refused } = tally;
  if (refused > 0) {
    talk.warn(`${formatCount(refused)} of ${formatCount(rows + refused)} rows have no vector and were left out.`);
  }
  reportTruncation(tally, model.info().maxSequenceLength, talk);
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
