import type { RowOutcome, RowSource } from '../files/rows/row-source.js';
import type { Progress } from '../shared/progress.js';
import type { EmbeddedRows } from './embed-rows.js';
import type { JobCheckpoint } from './job-journal.js';

/** How far a job is: rows and tokens, and of how many where that is known or can be estimated. */
export class RowProgress {
  readonly #source: RowSource;
  #read: number;
  #rows: number;
  #tokens: number;

  constructor(source: RowSource, { sourceRows, tally }: Pick<JobCheckpoint, 'sourceRows' | 'tally'>) {
    this.#source = source;
    this.#read = sourceRows;
    this.#rows = sourceRows;
    this.#tokens = tally.tokens;
  }

  /** Passes rows on as they are read. */
  async *counted(rows: AsyncIterable<readonly RowOutcome[]>): AsyncGenerator<readonly RowOutcome[], void, undefined> {
    for await (const run of rows) {
      this.#read += run.length;
      yield run;
    }
  }

  /** The state after some more rows were embedded. */
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

  /** Of a file without a count, as many rows as its bytes will hold if they go on like those that were read. */
  #total(): number | undefined {
    const { rowCount, byteCount, bytesRead } = this.#source;
    if (rowCount !== undefined) return rowCount;
    if (byteCount === undefined || bytesRead === 0) return undefined;
    return Math.round((this.#read * byteCount) / Math.min(bytesRead, byteCount));
  }
}
