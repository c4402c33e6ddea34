import type { RefusedRow } from '../files/rows/row-source.js';
import type { VectorSegment } from '../files/vectors/vector-encoder.js';

/** Numbers of cut rows that are remembered. */
const LISTED = 10;

/** What work counts. */
export interface JobTally {
  /** Rows with a vector. */
  readonly rows: number;
  readonly refused: number;
  readonly truncated: number;
  /** Numbers of the first rows that were cut. */
  readonly firstTruncated: readonly number[];
  readonly tokens: number;
}

/** What work counts before it begins. */
export const EMPTY_TALLY: JobTally = { rows: 0, refused: 0, truncated: 0, firstTruncated: [], tokens: 0 };

/** The count with some more rows. */
export function addToTally(
  tally: JobTally,
  { rows, vectors, refused }: VectorSegment & { readonly refused: readonly RefusedRow[] },
): JobTally {
  const cut = rows.filter((_, index) => vectors.truncated[index] === 1).map(({ number }) => number);
  return {
    rows: tally.rows + rows.length,
    refused: tally.refused + refused.length,
    truncated: tally.truncated + cut.length,
    firstTruncated: [...tally.firstTruncated, ...cut].slice(0, LISTED),
    tokens: vectors.tokens.reduce((sum, count) => sum + count, tally.tokens),
  };
}
