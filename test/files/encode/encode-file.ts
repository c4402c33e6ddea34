import { createVectorEncoder } from '#src/files/vectors/create-vector-encoder.js';
import type { Column } from '#src/files/column.js';
import type { JsonObject } from '#src/formats/json/parse-json.js';
import type {
  VectorEncoder,
  VectorEncoderOptions,
  VectorFileFormat,
  VectorSegment,
} from '#src/files/vectors/vector-encoder.js';
import type { VectorMetadata } from '#src/files/vectors/vector-metadata.js';
import type { Precision } from '#src/vector/index.js';

import { EVERY_COLUMN, sampleMetadata, sampleRows, sampleVectors } from './every-column-type.js';

/** A file to be encoded. */
export interface EncodeRequest {
  readonly format: VectorFileFormat;
  readonly precision: Precision;
  readonly dimensions: number;
  readonly columns: readonly Column[];
  readonly segments: readonly VectorSegment[];
  readonly metadata: VectorMetadata;
  /** What is done to every encoder, such as compression. */
  readonly wrap?: (encoder: VectorEncoder) => VectorEncoder;
}

/** Bytes of a whole file: by one encoder, or by a new one for each segment, with the notes as they come back from JSON. */
export async function encodeFile(request: EncodeRequest, encoders: 'one' | 'many' = 'one'): Promise<Buffer> {
  const { format, precision, dimensions, columns, segments, metadata, wrap } = request;
  const notes: JsonObject[] = [];
  const open = async (): Promise<VectorEncoder> => {
    const earlier = JSON.parse(JSON.stringify(notes)) as JsonObject[];
    const options: VectorEncoderOptions = { precision, dimensions, columns, vectorColumn: 'embedding', earlier };
    const encoder = await createVectorEncoder(format, options);
    return wrap === undefined ? encoder : wrap(encoder);
  };
  let encoder = await open();
  const parts: Uint8Array[] = [encoder.begin()];
  for (const segment of segments) {
    if (encoders === 'many') encoder = await open();
    const { bytes, note } = encoder.segment(segment);
    // Copied, because the bytes may share the memory of the vectors.
    parts.push(...bytes.map((part) => part.slice()));
    notes.push(note);
  }
  if (encoders === 'many') encoder = await open();
  const { tail, head } = encoder.end(metadata);
  const file = Buffer.concat([...parts, tail]);
  if (head !== undefined) file.set(head);
  return file;
}

/** A request for the sample rows with every type of column, in segments of the given sizes. */
export function sampleRequest(
  format: VectorFileFormat,
  sizes: readonly number[],
  options: { readonly precision?: Precision; readonly dimensions?: number; readonly columns?: readonly Column[] } = {},
): EncodeRequest {
  const { precision = 'float32', dimensions = 5, columns = EVERY_COLUMN } = options;
  let first = 0;
  const segments = sizes.map((count) => {
    const rows = sampleRows(first, count);
    const vectors = sampleVectors(precision, dimensions, first, count);
    first += count;
    return { rows: columns.length === 0 ? rows.map((row) => ({ ...row, values: [] })) : rows, vectors };
  });
  return { format, precision, dimensions, columns, segments, metadata: sampleMetadata(precision, dimensions, first) };
}
