import { readFile } from 'node:fs/promises';
import { isJsonObject, type JsonObject } from '../formats/json/parse-json.js';
import { IsovecError, systemErrorCode } from '../shared/isovec-error.js';
import { AppendFile } from './append-file.js';
import type { JobIdentity } from './job-identity.js';
import type { JobTally } from './job-tally.js';

/** Where a job stands after a segment became durable. */
export interface JobCheckpoint {
  /** Rows of the source that are done, with the refused ones. */
  readonly sourceRows: number;
  /** Digest over these rows. */
  readonly digest: string;
  /** Length of the result so far, and of the list of refused rows. */
  readonly bytes: number;
  readonly refusedBytes: number;
  readonly tally: JobTally;
  /** What the encoder must know of the segment; null if no row of it has a vector. */
  readonly note: JsonObject | null;
}

/** The last line of a journal: the result is whole, and its files only have to get their names. */
export interface JobCompletion {
  /** The metadata file's content; null where the result holds it. */
  readonly metadata: string | null;
  readonly tally: JobTally;
  /** Length of the result. */
  readonly bytes: number;
}

/** A journal that was found. */
export interface EarlierJournal {
  readonly identity: JsonObject;
  readonly checkpoints: readonly JobCheckpoint[];
  /** What was to be written beside the result, once it was whole and only had to get its name. */
  readonly completion: JobCompletion | undefined;
  /** Length of its whole lines; what follows was being written when the process ended. */
  readonly length: number;
}

const FORMAT = 'isovec-job';

/**
 * The journal of an interrupted job; undefined if there is none, or one that was cut short before its first line was
 * whole. FORMAT_INVALID if it is damaged elsewhere than at its end.
 */
export async function readJournal(file: string): Promise<EarlierJournal | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const [first, ...lines] = whole.split('\n').slice(0, -1).map(parseLine);
  if (first === undefined) {
    if (whole !== '') throw damaged(file, 1);
    return undefined;
  }
  if (first['format'] !== FORMAT || !isJsonObject(first['identity'])) throw damaged(file, 1);
  const checkpoints: JobCheckpoint[] = [];
  let completion: JobCompletion | undefined;
  for (const [index, line] of lines.entries()) {
    if (line !== undefined && completion === undefined && isCheckpoint(line)) checkpoints.push(line);
    else if (line !== undefined && completion === undefined && isCompletion(line)) completion = line;
    else throw damaged(file, index + 2);
  }
  return { identity: first['identity'], checkpoints, completion, length: Buffer.byteLength(whole) };
}

/** A journal that is being written: each line is durable before the next step of the job. */
export class JobJournal {
  readonly #file: AppendFile;

  private constructor(file: AppendFile) {
    this.#file = file;
  }

  static async begin(file: string, identity: JobIdentity): Promise<JobJournal> {
    const journal = await JobJournal.#open(file, 0);
    try {
      await journal.#line({ format: FORMAT, identity });
    } catch (error) {
      await journal.close();
      throw error;
    }
    return journal;
  }

  static continue(file: string, earlier: EarlierJournal): Promise<JobJournal> {
    return JobJournal.#open(file, earlier.length);
  }

  record(checkpoint: JobCheckpoint): Promise<void> {
    return this.#line({ ...checkpoint });
  }

  complete(completion: JobCompletion): Promise<void> {
    return this.#line({ ...completion });
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  static async #open(file: string, length: number): Promise<JobJournal> {
    const opened = await AppendFile.open(file, length);
    if (opened === undefined) throw damaged(file, 1);
    return new JobJournal(opened);
  }

  async #line(value: JsonObject): Promise<void> {
    await this.#file.append([Buffer.from(`${JSON.stringify(value)}\n`)]);
    await this.#file.sync();
  }
}

function parseLine(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isCheckpoint(value: JsonObject): value is JsonObject & JobCheckpoint {
  const { note } = value;
  return (
    [value['sourceRows'], value['bytes'], value['refusedBytes']].every(isCount) &&
    typeof value['digest'] === 'string' &&
    (note === null || isJsonObject(note)) &&
    isTally(value['tally'])
  );
}

function isCompletion(value: JsonObject): value is JsonObject & JobCompletion {
  const { metadata } = value;
  return (metadata === null || typeof metadata === 'string') && isCount(value['bytes']) && isTally(value['tally']);
}

function isTally(value: unknown): value is JobTally {
  return (
    isJsonObject(value) &&
    [value['rows'], value['refused'], value['truncated'], value['tokens']].every(isCount) &&
    Array.isArray(value['firstTruncated']) &&
    value['firstTruncated'].every(isCount)
  );
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function damaged(file: string, line: number): IsovecError {
  return new IsovecError(
    'FORMAT_INVALID',
    `${file}, the journal of an interrupted job, is damaged in line ${line}. Begin the job anew with --force.`,
    { data: { file, line } },
  );
}
