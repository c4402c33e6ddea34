import path from 'node:path';
import type { EmbedJob, EmbedReport } from '../../jobs/embed-job.js';
import type { VectorFormat } from '../../files/vectors/vector-format.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { CommandContext } from '../command-context.js';
import { effectiveDimensions, openModel } from '../model-flags.js';
import { formatBytes } from '../text/format-bytes.js';
import { formatCount } from '../text/format-count.js';
import { formatDuration } from '../text/format-duration.js';
import { reportTruncation } from '../vectors/report-truncation.js';
import type { EmbedFlags } from './embed-flags.js';
import { encodingOf, promptOf } from './encoding-of-flags.js';
import { inputFile, keptColumns, openRows } from './open-rows.js';

/** Embeds texts into a file, durably. What the flags and files break is said before the model is loaded. */
export async function embedToFile(
  texts: readonly string[],
  flags: EmbedFlags & { readonly out: string },
  context: CommandContext,
): Promise<void> {
  const { vectorFormatOf } = await import('../../files/vectors/vector-format.js');
  const { loadVectorEncoder } = await import('../../files/vectors/create-vector-encoder.js');
  const { openOutput } = await import('../../jobs/job-output.js');
  const { embedFile } = await import('../../jobs/embed-file.js');
  const format = vectorFormatOf(flags.out);
  if (flags.format !== undefined && flags.format !== format.format) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `--format ${flags.format} contradicts --out ${flags.out}: the name of a file says its format. Leave out --format.`,
    );
  }
  const encoding = await encodingOf(flags);
  const files = await openOutput(flags.out, { resume: flags.resume === true, force: flags.force === true });
  const source = await openRows(texts, flags, columnsFor(format, flags), context);
  try {
    // What writing needs is imported while the model is loaded.
    const [model] = await Promise.all([openModel(flags, context), loadVectorEncoder(format.format)]);
    try {
      const dimensions = effectiveDimensions(flags.dimensions, model, context);
      const job: EmbedJob = {
        source,
        sourceFile: inputFile(flags),
        header: flags.header,
        maxRowBytes: flags.maxRowBytes,
        files,
        format,
        vectorColumn: flags.vectorColumn,
        encode: { ...encoding, prompt: await promptOf(flags, model) },
        truncate: flags.truncate,
        onError: flags.onError,
        resume: flags.resume === true,
      };
      const begun = performance.now();
      const { signal, talk } = context;
      const report = await embedFile(model, job, { signal, onProgress: talk.onProgress, logger: talk });
      talk.clear();
      await tell(report, { seconds: (performance.now() - begun) / 1000, dimensions, flags, job }, context);
      reportTruncation(report.tally, model.info().maxSequenceLength, talk);
    } finally {
      await model.close();
    }
  } finally {
    await source.close();
  }
}

/** Formats without columns need none; Parquet needs each to have one type. */
function columnsFor({ format }: VectorFormat, flags: EmbedFlags): { keep: 'all' | readonly string[]; typed: boolean } {
  if (format === 'npy' || format === 'f32') return { keep: [], typed: false };
  return { keep: keptColumns(flags), typed: format === 'parquet' };
}

interface Facts {
  readonly seconds: number;
  readonly dimensions: number;
  readonly flags: EmbedFlags & { readonly out: string };
  readonly job: EmbedJob;
}

async function tell(
  { tally, resumedRows, wasComplete, bytes }: EmbedReport,
  { seconds, dimensions, flags, job }: Facts,
  { json, output, talk }: CommandContext,
): Promise<void> {
  const { rows, refused, truncated, tokens } = tally;
  if (json) {
    const refusedFile = refused > 0 ? job.files.refused : null;
    const facts = { rows, refused, refusedFile, truncated, tokens, dimensions, precision: flags.precision };
    await output.json({ file: job.files.out, ...facts, bytes, resumedRows, wasComplete, seconds });
    return;
  }
  const what = `${flags.out}: ${formatCount(rows)} ${rows === 1 ? 'vector' : 'vectors'} of ${dimensions} dimensions, ${formatBytes(bytes)}`;
  const done = rows + refused - resumedRows;
  const pace = seconds >= 1 && done > 0 ? `, ${formatCount(Math.round(done / seconds))} rows/s` : '';
  talk.info(wasComplete ? `${what}; it was complete already.` : `${what}, in ${formatDuration(seconds)}${pace}.`);
  if (refused > 0) {
    const list = path.join(path.dirname(flags.out), path.basename(job.files.refused));
    talk.warn(`${formatCount(refused)} of ${formatCount(rows + refused)} rows have no vector; ${list} says why.`);
  }
}
