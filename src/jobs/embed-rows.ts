import type { Embedder } from '../engine/embedder.js';
import type { EncodeOptions } from '../engine/encode-options.js';
import { streamChunks } from '../engine/stream-chunks.js';
import type { RowOutcome, SourceRow } from '../files/rows/row-source.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { EmbeddingBatch, Precision } from '../vector/index.js';
import { joinRanges } from '../vector/join-ranges.js';

/** Rows of a source that are embedded at a time. */
const CHUNK_ROWS = 256;

/** Some consecutive rows of a source, each embedded or refused. */
export interface EmbeddedRows {
  /** As the source gave them. */
  readonly source: readonly RowOutcome[];
  /** The same, where a text may have been refused since. */
  readonly outcomes: readonly RowOutcome[];
  /** Vectors of the outcomes that are not refused, in their order. */
  readonly vectors: EmbeddingBatch<Precision>;
}

/** How rows are embedded. */
export interface EmbedRowsOptions {
  readonly encode: EncodeOptions<Precision>;
  /** What becomes of a text that is longer than the model takes: it is cut, or its row is refused. */
  readonly truncate: 'cut' | 'fail';
  /** For messages: where the rows come from. */
  readonly sourceName: string;
}

/** Embeds rows as they come, in order, with a bounded number of them in memory. Rejects as `encodeBatch`, and as the rows. */
export function embedRows(
  rows: AsyncIterable<readonly RowOutcome[]>,
  model: Embedder,
  options: EmbedRowsOptions,
): AsyncGenerator<EmbeddedRows, void, undefined> {
  const { signal, ...encode } = options.encode;
  const plan = { chunk: CHUNK_ROWS, ahead: model.info().threads, signal };
  return streamChunks(eachOf(rows), plan, async (outcomes, stop) => {
    const texts = outcomes.filter(isRow).map(({ text }) => text);
    const vectors = await model.encodeBatch(texts, { ...encode, signal: stop });
    const embedded = { source: outcomes, outcomes, vectors };
    return options.truncate === 'fail' ? refuseTruncated(embedded, model, options) : embedded;
  });
}

/** Whether an outcome has a text. */
export function isRow(outcome: RowOutcome): outcome is SourceRow {
  return 'text' in outcome;
}

/** The outcomes before the first refused one, and why that was refused. */
export function splitAtRefusal(all: EmbeddedRows): {
  readonly sound: EmbeddedRows;
  readonly failure: IsovecError | undefined;
} {
  const at = all.outcomes.findIndex((outcome) => !isRow(outcome));
  const first = all.outcomes[at];
  if (first === undefined || isRow(first)) return { sound: all, failure: undefined };
  const vectors = joinRanges([{ batch: all.vectors, begin: 0, end: at }], all.vectors);
  const sound = { source: all.source.slice(0, at), outcomes: all.outcomes.slice(0, at), vectors };
  return { sound, failure: first.refused };
}

async function* eachOf<T>(runs: AsyncIterable<readonly T[]>): AsyncGenerator<T, void, undefined> {
  for await (const run of runs) yield* run;
}

function refuseTruncated(embedded: EmbeddedRows, model: Embedder, { sourceName }: EmbedRowsOptions): EmbeddedRows {
  const { vectors } = embedded;
  if (!vectors.truncated.includes(1)) return embedded;
  const limit = model.info().maxSequenceLength;
  const kept: { batch: typeof vectors; begin: number; end: number }[] = [];
  let index = 0;
  const outcomes = embedded.outcomes.map((outcome): RowOutcome => {
    if (!isRow(outcome)) return outcome;
    const at = index++;
    if (vectors.truncated[at] !== 1) {
      kept.push({ batch: vectors, begin: at, end: at + 1 });
      return outcome;
    }
    const { number } = outcome;
    const refused = new IsovecError(
      'INPUT_TOO_LONG',
      `Row ${number} of ${sourceName} is longer than the model's ${limit} tokens. Split the text, or let it be cut with --truncate cut.`,
      { data: { row: number, limit } },
    );
    return { number, refused };
  });
  return { source: embedded.source, outcomes, vectors: joinRanges(kept, vectors) };
}
