import type { RowSource } from '../files/rows/row-source.js';
import type { Progress } from '../shared/progress.js';
import type { EmbeddedRows } from './embed-rows.js';
import type { JobCheckpoint } from './job-journal.js';

/** How far a job is: rows and tokens, and of how many where that is known or can be estimated. */
export class RowProgress {
  readonly #source: RowSource;
  #rows: number;
  #tokens: number;

  constructor(source: RowSource, { sourceRows, tally }: Pick<JobCheckpoint, 'sourceRows' | 'tally'>) {
    this.#source = source;
    this.#rows = sourceRows;
    this.#tokens = tally.tokens;
  }

  /** The state after some more rows. */
  after({ outcomes, vectors }: EmbeddedRows): Progress {
    this.#rows += outcomes.length;
    for (const count of vectors.tokens) this.#tokens += count;
    const total = this.#total();
    return {
      phase: 'embed',
      subject: this.#source.name,
      done: this.#rows,
      ...(total === undefined ? {} : { total }),
      unit: 'rows',
      tokens: this.#tokens,
    };
  }

  /** Rows are read a little ahead of what is done, so an estimate from bytes is too low at first, and never below it. */
  #total(): number | undefined {
    const { rowCount, byteCount, bytesRead } = this.#source;
    if (rowCount !== undefined) return rowCount;
    if (byteCount === undefined || bytesRead === 0) return undefined;
    if (bytesRead >= byteCount) return undefined;
    return Math.max(this.#rows, Math.round((this.#rows * byteCount) / bytesRead));
  }
}
