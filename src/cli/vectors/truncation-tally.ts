import type { EmbeddingBatch, Precision } from '../../vector/index.js';
import type { Logger } from '../../shared/log.js';

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
    if (this.#texts === 0) logger.info('There were no texts.');
    if (this.#cut === 0) return;
    const more = this.#cut > LISTED ? ', …' : '';
    const texts = this.#texts === 1 ? 'The text was' : `${this.#cut} of ${this.#texts} texts were`;
    const which = this.#texts === 1 ? '' : ` (number ${this.#first.join(', ')}${more})`;
    logger.warn(`${texts} longer than the model's ${this.#limit} tokens and cut${which}.`);
  }
}
