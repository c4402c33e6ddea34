import path from 'node:path';
import type { Embedder } from '../engine/embedder.js';
import { notifyProgress } from '../engine/notify-progress.js';
import { withFreeFileLock } from '../models/cache/file-lock.js';
import { withStorageErrors } from '../models/cache/storage-error.js';
import { IsovecError, isIsovecError, systemErrorCode } from '../shared/isovec-error.js';
import { type Logger, silentLogger } from '../shared/log.js';
import type { ProgressListener } from '../shared/progress.js';
import { assertFinished } from './assert-finished.js';
import type { EmbedJob, EmbedReport } from './embed-job.js';
import { embedRows, splitAtRefusal } from './embed-rows.js';
import { assertSameJob, identifyJob, type JobIdentity } from './job-identity.js';
import { readJournal } from './job-journal.js';
import { encoderFor } from './encoder-for.js';
import { exists } from './job-output.js';
import { discardJob, JobWriter, publishJob } from './job-writer.js';
import { RowProgress } from './row-progress.js';
import { SegmentCutter } from './segment-cutter.js';
import { skipRows } from './skip-rows.js';
import { SourceDigest } from '../files/rows/source-digest.js';
import { vectorMetadata } from './vector-metadata.js';

/** Options of {@link embedFile}. */
export interface EmbedFileOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly logger?: Logger | undefined;
}

/**
 * Embeds the rows of a source into a file, which appears when it is whole. Every few seconds of work become durable
 * together; an interrupted job is continued there, after its rows were read again and found the same, and its result
 * has the bytes of an undisturbed one.
 *
 * Rejects with the reason of a refused row unless those are skipped; INPUT_INVALID if the rows of an interrupted job
 * changed; SPACE_MISMATCH for another model or other options than it began with; FORMAT_INVALID for damaged files of
 * it; CONFIG_INVALID while another process writes the same file; STORAGE_FULL; ABORTED. What is durable stays.
 */
export async function embedFile(model: Embedder, job: EmbedJob, options: EmbedFileOptions): Promise<EmbedReport> {
  const { files } = job;
  const identity = identifyJob(model, job);
  // Tells whether the format can hold the columns, before anything is touched.
  await encoderFor(job, identity, []);
  const report = await withStorageErrors(
    path.dirname(files.out),
    () => withFreeFileLock(files.lock, () => new Run(model, job, identity, options).run()),
    'output',
  ).catch((error: unknown) => {
    throw outputFailure(error, files.out);
  });
  if (report !== undefined) return report;
  throw new IsovecError(
    'CONFIG_INVALID',
    `Another process is writing ${files.out} (it holds ${files.lock}). Wait for it, or choose another name.`,
    { data: { file: files.out } },
  );
}

/** What else the system refuses is about the place, too: file systems that hold no files, names that are too long. */
function outputFailure(error: unknown, out: string): unknown {
  const code = systemErrorCode(error);
  if (isIsovecError(error) || code === undefined) return error;
  return new IsovecError('CONFIG_INVALID', `${out} cannot be written (${code}); choose another place.`, {
    cause: error,
    data: { file: out, systemCode: code },
  });
}

class Run {
  readonly #model: Embedder;
  readonly #job: EmbedJob;
  readonly #identity: JobIdentity;
  readonly #options: EmbedFileOptions;
  readonly #digest: SourceDigest = new SourceDigest();

  constructor(model: Embedder, job: EmbedJob, identity: JobIdentity, options: EmbedFileOptions) {
    this.#model = model;
    this.#job = job;
    this.#identity = identity;
    this.#options = options;
  }

  async run(): Promise<EmbedReport> {
    const { files, resume, source } = this.#job;
    const identity = this.#identity;
    const earlier = resume ? await readJournal(files.journal) : undefined;
    if (earlier === undefined && resume && (await exists(files.out))) {
      return assertFinished(files, identity, source, this.#options);
    }
    if (earlier !== undefined) {
      assertSameJob(identity, earlier.identity, files.out);
      const { completion } = earlier;
      if (completion !== undefined) {
        await publishJob(files, completion);
        const { sourceRows = 0 } = earlier.checkpoints.at(-1) ?? {};
        return { tally: completion.tally, bytes: completion.bytes, resumedRows: sourceRows, wasComplete: true };
      }
    }
    const notes = (earlier?.checkpoints ?? []).flatMap(({ note }) => (note === null ? [] : [note]));
    const encoder = await encoderFor(this.#job, identity, notes);
    const writer = await JobWriter.open(files, identity, encoder, earlier);
    const resumedRows = writer.checkpoint.sourceRows;
    try {
      await this.#write(writer);
      const { tally, bytes } = await writer.finish(
        vectorMetadata(this.#model, this.#job, {
          tally: writer.checkpoint.tally,
          digest: this.#digest.value(),
          folder: path.dirname(files.out),
        }),
      );
      return { tally, bytes, resumedRows, wasComplete: false };
    } catch (error) {
      await this.#giveUp(writer);
      throw error;
    }
  }

  async #write(writer: JobWriter): Promise<void> {
    const { source, encode, truncate, onError } = this.#job;
    const { signal, onProgress } = this.#options;
    const done = writer.checkpoint;
    const progress = new RowProgress(source, done);
    const rows = progress.counted(skipRows(source, done, this.#digest, this.#options));
    const cutter = new SegmentCutter(this.#identity, this.#digest);
    // A segment is written while the next one is embedded; never two at a time.
    let writing = Promise.resolve();
    const embedded = embedRows(rows, this.#model, {
      encode: { ...encode, ...(signal === undefined ? {} : { signal }) },
      truncate,
      sourceName: source.name,
    });
    try {
      for await (const all of embedded) {
        const { sound, failure } = onError === 'fail' ? splitAtRefusal(all) : { sound: all, failure: undefined };
        for (const segment of cutter.add(sound)) {
          await writing;
          writing = writer.commit(segment);
          writing.catch(() => undefined);
        }
        if (failure !== undefined) throw failure;
        notifyProgress(onProgress, progress.after(all));
      }
      const rest = cutter.rest();
      await writing;
      if (rest !== undefined) await writer.commit(rest);
    } finally {
      await writing.catch(() => undefined);
    }
  }

  /** Closes the files after a failure; what is durable stays, and is told. */
  async #giveUp(writer: JobWriter): Promise<void> {
    const { files } = this.#job;
    const { sourceRows } = writer.checkpoint;
    await writer.close().catch(() => undefined);
    if (sourceRows === 0) {
      await discardJob(files).catch(() => undefined);
      return;
    }
    (this.#options.logger ?? silentLogger).info(
      `${sourceRows} rows are done and kept in ${path.basename(files.part)}: --resume continues behind them.`,
      { rows: sourceRows, file: files.part },
    );
  }
}
