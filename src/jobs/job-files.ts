import path from 'node:path';
import { metadataFileOf, refusedFileOf } from '../files/vectors/read/vector-sidecars.js';

/** The files of a job, by the name of its result. They lie beside it, so that renaming is one step. */
export interface JobFiles {
  /** The result; it appears when it is complete. */
  readonly out: string;
  /** What is written of it so far. */
  readonly part: string;
  /** What is durable, one JSON line for every segment. */
  readonly journal: string;
  /** Held while a process works on the job. */
  readonly lock: string;
  /** What the vectors are; inside the result for Parquet. */
  readonly metadata: string;
  /** Rows without a vector, with the reasons; absent if there are none. */
  readonly refused: string;
  readonly refusedPart: string;
}

/** The files of the job that writes `out`. */
export function jobFiles(out: string): JobFiles {
  const target = path.resolve(out);
  return {
    out: target,
    part: `${target}.part`,
    journal: `${target}.job`,
    lock: `${target}.lock`,
    metadata: metadataFileOf(target),
    refused: refusedFileOf(target),
    refusedPart: `${refusedFileOf(target)}.part`,
  };
}
