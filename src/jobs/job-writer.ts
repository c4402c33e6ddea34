import { chmod, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { VectorEncoder } from '../files/vectors/vector-encoder.js';
import type { VectorMetadata } from '../files/vectors/vector-metadata.js';
import { syncFolder, writeFileDurably } from '../models/cache/durable-files.js';
import { IsovecError } from '../shared/isovec-error.js';
import { AppendFile } from './append-file.js';
import type { JobFiles } from './job-files.js';
import type { JobIdentity } from './job-identity.js';
import { type EarlierJournal, type JobCheckpoint, type JobCompletion, JobJournal } from './job-journal.js';
import { exists } from './job-output.js';
import { addToTally, EMPTY_TALLY } from './job-tally.js';
import type { Segment } from './segment-cutter.js';

const NOTHING: JobCheckpoint = {
  sourceRows: 0,
  digest: '',
  bytes: 0,
  refusedBytes: 0,
  tally: EMPTY_TALLY,
  note: null,
};

/**
 * Writes a job's files so that a kill at any moment, or a power cut, leaves something to go on from: a segment is on the
 * disk before the journal says so, and the result gets its name when it is whole.
 */
export class JobWriter {
  readonly #files: JobFiles;
  readonly #encoder: VectorEncoder;
  readonly #part: AppendFile;
  readonly #refused: AppendFile;
  readonly #journal: JobJournal;
  #last: JobCheckpoint;

  private constructor(
    files: JobFiles,
    encoder: VectorEncoder,
    opened: { part: AppendFile; refused: AppendFile; journal: JobJournal; last: JobCheckpoint },
  ) {
    this.#files = files;
    this.#encoder = encoder;
    this.#part = opened.part;
    this.#refused = opened.refused;
    this.#journal = opened.journal;
    this.#last = opened.last;
  }

  /** Begins a job, or goes on behind an earlier one's last segment. FORMAT_INVALID if its files are shorter than that. */
  static async open(
    files: JobFiles,
    identity: JobIdentity,
    encoder: VectorEncoder,
    earlier: EarlierJournal | undefined,
  ): Promise<JobWriter> {
    const last = earlier?.checkpoints.at(-1) ?? NOTHING;
    const journal = await (earlier === undefined
      ? JobJournal.begin(files.journal, identity)
      : JobJournal.continue(files.journal, earlier));
    let part: AppendFile | undefined;
    let refused: AppendFile | undefined;
    try {
      part = await opened(files.part, last.bytes);
      refused = await opened(files.refusedPart, last.refusedBytes);
      if (last.bytes === 0) await part.append([encoder.begin()]);
      return new JobWriter(files, encoder, { part, refused, journal, last });
    } catch (error) {
      await Promise.all([part?.close(), refused?.close(), journal.close()]);
      throw error;
    }
  }

  /** What is durable. */
  get checkpoint(): JobCheckpoint {
    return this.#last;
  }

  /** Makes a segment durable. */
  async commit(segment: Segment): Promise<void> {
    const { rows, vectors, refused } = segment;
    const encoded = rows.length === 0 ? undefined : this.#encoder.segment({ rows, vectors });
    if (encoded !== undefined) await this.#part.append(encoded.bytes);
    if (refused.length > 0) {
      const lines = refused.map(({ number, refused: { code, message } }) =>
        JSON.stringify({ row: number, code, reason: message }),
      );
      await this.#refused.append([Buffer.from(`${lines.join('\n')}\n`)]);
      await this.#refused.sync();
    }
    await this.#part.sync();
    const checkpoint: JobCheckpoint = {
      sourceRows: this.#last.sourceRows + segment.sourceRows,
      digest: segment.digest,
      bytes: this.#part.length,
      refusedBytes: this.#refused.length,
      tally: addToTally(this.#last.tally, segment),
      note: encoded?.note ?? null,
    };
    await this.#journal.record(checkpoint);
    this.#last = checkpoint;
  }

  /** Completes the result and gives it its name. */
  async finish(metadata: VectorMetadata): Promise<JobCompletion> {
    const { tail, head } = this.#encoder.end(metadata);
    await this.#part.append([tail]);
    if (head !== undefined) await this.#part.overwriteStart(head);
    await this.#part.sync();
    const text = this.#encoder.format === 'parquet' ? null : `${JSON.stringify(metadata, undefined, 2)}\n`;
    const completion: JobCompletion = { metadata: text, tally: this.#last.tally, bytes: this.#part.length };
    await this.#journal.complete(completion);
    await this.close();
    await publishJob(this.#files, completion);
    return completion;
  }

  async close(): Promise<void> {
    await Promise.all([this.#part.close(), this.#refused.close(), this.#journal.close()]);
  }
}

/**
 * Gives the files of a whole result their names; may be repeated after a kill at any moment. A result that is replaced
 * goes first: it must never lie beside the metadata of another.
 */
export async function publishJob(files: JobFiles, completion: JobCompletion): Promise<void> {
  if (await exists(files.part)) await makeWay(files);
  if (await exists(files.refusedPart)) {
    if (completion.tally.refused > 0) await rename(files.refusedPart, files.refused);
    else await Promise.all([files.refusedPart, files.refused].map((file) => rm(file, { force: true })));
  }
  if (completion.metadata === null) await rm(files.metadata, { force: true });
  else {
    const temporary = `${files.metadata}.part`;
    await rm(temporary, { force: true });
    await writeFileDurably(files.metadata, completion.metadata, temporary);
  }
  if (await exists(files.part)) await rename(files.part, files.out);
  await syncFolder(path.dirname(files.out));
  await rm(files.journal, { force: true });
}

/** Removes what a job left that has nothing durable yet. */
export async function discardJob(files: JobFiles): Promise<void> {
  await Promise.all([files.part, files.refusedPart, files.journal].map((file) => rm(file, { force: true })));
}

/** Removes the result that is to be replaced, whose permissions the new one keeps. */
async function makeWay({ part, out }: JobFiles): Promise<void> {
  const before = await stat(out).catch(() => undefined);
  if (before === undefined) return;
  await chmod(part, before.mode & 0o777);
  await rm(out);
}

async function opened(file: string, length: number): Promise<AppendFile> {
  const result = await AppendFile.open(file, length);
  if (result !== undefined) return result;
  throw new IsovecError(
    'FORMAT_INVALID',
    `${file} is shorter than the journal of its job says, so the job cannot be resumed. Begin it anew with --force.`,
    { data: { file } },
  );
}
