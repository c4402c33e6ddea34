import type { Column } from '../files/column.js';
import { compressEncoder } from '../files/vectors/compress-encoder.js';
import { createVectorEncoder } from '../files/vectors/create-vector-encoder.js';
import type { VectorEncoder, VectorSegment } from '../files/vectors/vector-encoder.js';
import type { JsonObject } from '../formats/json/parse-json.js';
import type { EmbedWork } from './embed-job.js';
import type { JobIdentity } from './job-identity.js';

/** What a JSON line says of a text that came without columns of its own. */
const RESULT_COLUMNS: readonly Column[] = [
  { name: 'index', type: 'int32' },
  { name: 'text', type: 'string' },
  { name: 'tokens', type: 'int32' },
  { name: 'truncated', type: 'boolean' },
];

/**
 * The encoder for some work, behind segments with these notes. CONFIG_INVALID if the format cannot hold the columns or
 * the precision; FORMAT_INVALID for notes that are none.
 */
export async function encoderFor(
  work: EmbedWork,
  { precision, dimensions }: JobIdentity,
  earlier: readonly JsonObject[],
): Promise<VectorEncoder> {
  const { source, vectorColumn } = work;
  const { format, compression } = work.format;
  const bare = format === 'jsonl' && source.format === 'text' && source.columns.length > 0;
  const columns = bare ? RESULT_COLUMNS : source.columns;
  const encoder = await createVectorEncoder(format, { precision, dimensions, columns, vectorColumn, earlier });
  const complete = bare ? withResults(encoder) : encoder;
  return compression === undefined ? complete : compressEncoder(complete, compression);
}

function withResults(encoder: VectorEncoder): VectorEncoder {
  const described = ({ rows, vectors }: VectorSegment): VectorSegment => ({
    rows: rows.map(({ number, text }, at) => ({
      number,
      text,
      values: [number - 1, text, vectors.tokens[at] ?? 0, vectors.truncated[at] === 1],
    })),
    vectors,
  });
  return {
    format: encoder.format,
    begin: () => encoder.begin(),
    segment: (segment) => encoder.segment(described(segment)),
    end: (metadata) => encoder.end(metadata),
  };
}
