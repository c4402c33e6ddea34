import { notifyProgress } from '../engine/notify-progress.js';
import type { RowOutcome, RowSource } from '../files/rows/row-source.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { ProgressListener } from '../shared/progress.js';
import type { SourceDigest } from '../files/rows/source-digest.js';

/**
 * The rows of a source behind those that are done. The done ones are read again and must be the same, else
 * INPUT_INVALID: their vectors would belong to other texts.
 */
export async function* skipRows(
  source: RowSource,
  done: { readonly sourceRows: number; readonly digest: string },
  digest: SourceDigest,
  { onProgress }: { readonly onProgress?: ProgressListener | undefined },
): AsyncGenerator<readonly RowOutcome[], void, undefined> {
  let left = done.sourceRows;
  for await (const run of source.rows()) {
    if (left === 0) {
      yield run;
      continue;
    }
    const known = run.slice(0, left);
    for (const outcome of known) digest.add(outcome);
    left -= known.length;
    const read = done.sourceRows - left;
    notifyProgress(onProgress, {
      phase: 'verify',
      subject: source.name,
      done: read,
      total: done.sourceRows,
      unit: 'rows',
    });
    if (left > 0) continue;
    if (digest.value() !== done.digest) throw changed(source, done.sourceRows);
    if (known.length < run.length) yield run.slice(known.length);
  }
  if (left > 0) throw changed(source, done.sourceRows);
}

function changed(source: RowSource, rows: number): IsovecError {
  return new IsovecError(
    'INPUT_INVALID',
    `The first ${rows} rows of ${source.name} are not those that the interrupted job read. Put the file back, or begin anew with --force.`,
    { data: { source: source.name, rows } },
  );
}
