import type { RefusedRow, RowOutcome, SourceRow } from '../files/rows/row-source.js';
import type { EmbeddingBatch, Precision } from '../vector/index.js';
import { type EmbeddedRows, isRow } from './embed-rows.js';
import { type BatchRange, joinRanges } from '../vector/join-ranges.js';
import type { SourceDigest } from '../files/rows/source-digest.js';

/**
 * A segment ends after so many rows or so many characters, whichever comes first: a few seconds of work. Where segments
 * end depends on the rows alone, so that a file does not show where its job was interrupted; changing either number
 * changes files, and is a new version of the job's identity.
 */
const SEGMENT_ROWS = 4096;
const SEGMENT_CHARACTERS = 1 << 19;

/** Rows that become durable together. */
export interface Segment {
  /** Rows of the source in it, with the refused ones. */
  readonly sourceRows: number;
  readonly rows: readonly SourceRow[];
  readonly vectors: EmbeddingBatch<Precision>;
  readonly refused: readonly RefusedRow[];
  /** Of all rows of the source up to the end of this segment. */
  readonly digest: string;
}

/** Cuts embedded rows into segments. */
export class SegmentCutter {
  readonly #layout: { readonly precision: Precision; readonly dimensions: number };
  readonly #digest: SourceDigest;
  #rows: SourceRow[] = [];
  #refused: RefusedRow[] = [];
  #ranges: BatchRange[] = [];
  #characters = 0;

  constructor(layout: { readonly precision: Precision; readonly dimensions: number }, digest: SourceDigest) {
    this.#layout = layout;
    this.#digest = digest;
  }

  /** Adds rows; gives the segments that are complete. */
  *add({ source, outcomes, vectors }: EmbeddedRows): Generator<Segment, void, undefined> {
    let begin = 0;
    let end = 0;
    for (const [index, outcome] of outcomes.entries()) {
      if (isRow(outcome)) end++;
      // What the source gave, which reading it again gives again.
      this.#digest.add(source[index] ?? outcome);
      this.#take(outcome);
      if (this.#sourceRows < SEGMENT_ROWS && this.#characters < SEGMENT_CHARACTERS) continue;
      this.#ranges.push({ batch: vectors, begin, end });
      begin = end;
      yield this.#cut();
    }
    if (end > begin) this.#ranges.push({ batch: vectors, begin, end });
  }

  /** What is left at the end of the source, if anything is. */
  rest(): Segment | undefined {
    return this.#sourceRows === 0 ? undefined : this.#cut();
  }

  get #sourceRows(): number {
    return this.#rows.length + this.#refused.length;
  }

  #take(outcome: RowOutcome): void {
    if (isRow(outcome)) {
      this.#rows.push(outcome);
      this.#characters += outcome.text.length;
    } else {
      this.#refused.push(outcome);
    }
  }

  #cut(): Segment {
    const segment: Segment = {
      sourceRows: this.#sourceRows,
      rows: this.#rows,
      vectors: joinRanges(this.#ranges, this.#layout),
      refused: this.#refused,
      digest: this.#digest.value(),
    };
    this.#rows = [];
    this.#refused = [];
    this.#ranges = [];
    this.#characters = 0;
    return segment;
  }
}
