import { stat } from 'node:fs/promises';
import { readVectorMetadata } from '../files/vectors/read/read-vector-metadata.js';
import type { RowSource } from '../files/rows/row-source.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { ProgressListener } from '../shared/progress.js';
import type { EmbedReport } from './embed-job.js';
import type { JobFiles } from './job-files.js';
import { identityDigest, type JobIdentity } from './job-identity.js';
import { SourceDigest } from '../files/rows/source-digest.js';

/**
 * For a job to be resumed whose result is there: the report of a finished job, if the result is that of the same rows
 * and options. SPACE_MISMATCH otherwise, and nothing is touched.
 */
export async function assertFinished(
  files: JobFiles,
  identity: JobIdentity,
  source: RowSource,
  { onProgress }: { readonly onProgress?: ProgressListener | undefined },
): Promise<EmbedReport> {
  const metadata = await readVectorMetadata(files.out);
  if (metadata?.job !== identityDigest(identity)) throw other(files.out, 'another model or other options');
  const digest = new SourceDigest();
  let read = 0;
  for await (const run of source.rows()) {
    for (const outcome of run) digest.add(outcome);
    read += run.length;
    onProgress?.({ phase: 'verify', subject: source.name, done: read, unit: 'rows' });
  }
  if (digest.value() !== metadata.source.digest) throw other(files.out, `other rows than ${source.name} has`);
  const { rows, refused, truncated, tokens } = metadata;
  const { size } = await stat(files.out);
  const tally = { rows, refused, truncated, firstTruncated: [], tokens };
  return { tally, resumedRows: read, wasComplete: true, bytes: size };
}

function other(out: string, what: string): IsovecError {
  return new IsovecError(
    'SPACE_MISMATCH',
    `${out} is there, and is the result of ${what}, so there is nothing to resume. Replace it with --force, or choose another name.`,
    { data: { file: out } },
  );
}
