import type { EmbeddingBatch, Precision } from '../../vector/index.js';
import type { Logger } from '../../shared/log.js';
import { reportTruncation } from './report-truncation.js';

const LISTED = 10;

/** Counts the texts that were cut, so that nobody misses it. */
export class TruncationTally {
  readonly #limit: number;
  readonly #first: number[] = [];
  #texts = 0;
  #cut = 0;

  /** `limit` is the model's longest text in tokens. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(batch: EmbeddingBatch<Precision>): void {
    for (const flag of batch.truncated) {
      this.#texts++;
      if (flag === 0) continue;
      this.#cut++;
      if (this.#first.length < LISTED) this.#first.push(this.#texts);
    }
  }

  report(logger: Logger): void {
    reportTruncation({ rows: this.#texts, truncated: this.#cut, firstTruncated: this.#first }, this.#limit, logger);
  }
}
