import path from 'node:path';
import type { Embedder } from '../engine/embedder.js';
import { METADATA_VERSION, type VectorMetadata } from '../files/vectors/vector-metadata.js';
import type { EmbedWork } from './embed-job.js';
import { identifyJob, identityDigest } from './job-identity.js';
import type { JobTally } from './job-tally.js';

/** What is known of vectors when all are there. */
export interface VectorFacts {
  readonly tally: JobTally;
  /** Over all rows of the source. */
  readonly digest: string;
  /** Where the file of vectors is. */
  readonly folder: string;
}

/** What the vectors of finished work are. */
export function vectorMetadata(
  model: Embedder,
  work: EmbedWork,
  { tally, digest, folder }: VectorFacts,
): VectorMetadata {
  const { source, sourceFile, encode, vectorColumn } = work;
  const identity = identifyJob(model, work);
  const { dimensions, precision } = identity;
  const { rows, refused, truncated, tokens } = tally;
  const file = sourceFile === undefined ? null : path.relative(folder, path.resolve(sourceFile));
  return {
    format: 'isovec-vectors',
    version: METADATA_VERSION,
    space: model.space,
    dimensions,
    precision,
    // A vector of length 1 that is cut is shorter, unless it is normalised again.
    normalized: encode.normalize === true || (model.space.normalized && dimensions === model.space.dimensions),
    prompt: encode.prompt,
    rows,
    refused,
    truncated,
    tokens,
    source: {
      file,
      format: source.format,
      column: source.column,
      header: work.header,
      maxRowBytes: work.maxRowBytes,
      digest,
    },
    vectorColumn,
    job: identityDigest(identity),
  };
}
