import { createHash } from 'node:crypto';
import type { Column } from '../files/column.js';
import type { JsonObject } from '../formats/json/parse-json.js';
import type { Embedder } from '../engine/embedder.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { Precision } from '../vector/index.js';
import type { EmbedWork } from './embed-job.js';

/** Raised whenever the same rows and options would give other bytes. */
const JOB_VERSION = 1;

/** Everything that decides the bytes of a job's files, beside the rows themselves. Plain JSON values. */
export interface JobIdentity {
  readonly version: number;
  /** Fingerprint of the embedding space. */
  readonly space: string;
  readonly weightDtype: string;
  readonly dimensions: number;
  readonly precision: Precision;
  readonly normalize: boolean;
  readonly prompt: string;
  /** SHA-256 over the calibration ranges of int8 and uint8. */
  readonly ranges: string | null;
  readonly truncate: string;
  readonly onError: string;
  readonly maxRowBytes: number;
  readonly format: string;
  readonly compression: string | null;
  readonly vectorColumn: string;
  readonly sourceFormat: string;
  readonly column: string;
  readonly columns: readonly Column[];
}

/** What differs, as a user knows it. */
const NAMES: Readonly<Record<keyof JobIdentity, string>> = {
  version: 'the version of isovec',
  space: 'the model',
  weightDtype: 'the element type of the weights',
  dimensions: '--dimensions',
  precision: '--precision',
  normalize: '--normalize',
  prompt: 'the prompt',
  ranges: '--ranges',
  truncate: '--truncate',
  onError: '--on-error',
  maxRowBytes: '--max-row-bytes',
  format: 'the format',
  compression: 'the compression',
  vectorColumn: '--vector-column',
  sourceFormat: 'the format of the source',
  column: '--column',
  columns: 'the kept columns',
};

const KEYS = Object.keys(NAMES) as (keyof JobIdentity)[];

/** The identity of work with a model. */
export function identifyJob(model: Embedder, work: EmbedWork): JobIdentity {
  const { encode, source, format } = work;
  const { dimensions, maxDimensions } = model.info();
  const { ranges } = encode;
  return {
    version: JOB_VERSION,
    space: model.space.fingerprint,
    weightDtype: model.space.weightDtype,
    dimensions: Math.min(encode.dimensions ?? dimensions, maxDimensions),
    precision: encode.precision ?? 'float32',
    normalize: encode.normalize ?? false,
    prompt: encode.prompt,
    ranges: ranges === undefined ? null : sha256(JSON.stringify([Array.from(ranges.min), Array.from(ranges.max)])),
    truncate: work.truncate,
    onError: work.onError,
    maxRowBytes: work.maxRowBytes,
    format: format.format,
    compression: format.compression ?? null,
    vectorColumn: work.vectorColumn,
    sourceFormat: source.format,
    column: source.column,
    columns: source.columns,
  };
}

/** SHA-256 over an identity, hexadecimal. */
export function identityDigest(identity: JobIdentity): string {
  return sha256(JSON.stringify(KEYS.map((key) => [key, identity[key]])));
}

/** SPACE_MISMATCH, naming what differs, unless an interrupted job had the same identity. */
export function assertSameJob(identity: JobIdentity, earlier: JsonObject, out: string): void {
  const differing = KEYS.filter((key) => JSON.stringify(identity[key]) !== JSON.stringify(earlier[key]));
  if (differing.length === 0) return;
  const names = differing.map((key) => NAMES[key]).join(', ');
  throw new IsovecError(
    'SPACE_MISMATCH',
    `The interrupted job of ${out} cannot be resumed, for its vectors would mix with others: ${names} changed. Use what the job began with, or begin anew with --force.`,
    { data: { out, differing } },
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
