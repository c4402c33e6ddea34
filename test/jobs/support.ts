import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Embedder } from '#src/index.js';
import { openRowSource } from '#src/files/rows/open-row-source.js';
import { vectorFormatOf } from '#src/files/vectors/vector-format.js';
import { embedFile, type EmbedFileOptions } from '#src/jobs/embed-file.js';
import type { EmbedJob, EmbedReport } from '#src/jobs/embed-job.js';
import { openOutput } from '#src/jobs/job-output.js';

/** What a test changes of a job; the rest is as the command line has it by default. */
export type JobChanges = Partial<Omit<EmbedJob, 'source' | 'files' | 'format'>> & {
  readonly force?: boolean;
  readonly maxRowBytes?: number;
  readonly keep?: 'all' | readonly string[];
};

/** Embeds a file into another. */
export async function runJob(
  model: Embedder,
  sourceFile: string,
  out: string,
  changes: JobChanges = {},
  options: EmbedFileOptions = {},
): Promise<EmbedReport> {
  const { force = false, keep = 'all', resume = false, maxRowBytes = 1 << 20, ...rest } = changes;
  const files = await openOutput(out, { resume, force });
  const format = vectorFormatOf(out);
  const typed = format.format === 'parquet';
  const source = await openRowSource({ file: sourceFile }, { keep, typed, maxRowBytes, signal: options.signal });
  try {
    const job: EmbedJob = {
      source,
      sourceFile,
      header: true,
      maxRowBytes,
      files,
      format,
      vectorColumn: 'vector',
      encode: { prompt: '' },
      truncate: 'cut',
      onError: 'fail',
      resume,
      ...rest,
    };
    return await embedFile(model, job, options);
  } finally {
    await source.close();
  }
}

/** Writes a file of texts, one a line. */
export async function textFile(folder: string, name: string, texts: readonly string[]): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, texts.map((text) => `${text}\n`).join(''));
  return file;
}

/** Many different texts of different lengths, always the same. */
export function manyTexts(count: number): string[] {
  const words = ['alpha', 'beta', 'gamma', 'delta', 'a', 'the', 'of', 'zebra', 'Ünïcödé', '猫'];
  return Array.from({ length: count }, (_, index) => {
    const length = (index * 7) % 9;
    return Array.from({ length }, (__, at) => words[(index * 31 + at * 17) % words.length]).join(' ') + ` ${index}`;
  });
}
