import type { Logger } from '../../shared/log.js';
import { formatCount } from '../text/format-count.js';

/** What was cut of all texts. */
export interface Truncation {
  /** Texts that have a vector. */
  readonly rows: number;
  readonly truncated: number;
  /** Numbers of the first ones that were cut, from 1. */
  readonly firstTruncated: readonly number[];
}

/** Warns of texts that were cut to the model's `limit` of tokens, so that nobody misses it. */
export function reportTruncation({ rows, truncated, firstTruncated }: Truncation, limit: number, logger: Logger): void {
  if (rows === 0) logger.info('There were no texts.');
  if (truncated === 0) return;
  const more = truncated > firstTruncated.length ? ', …' : '';
  const texts = rows === 1 ? 'The text was' : `${formatCount(truncated)} of ${formatCount(rows)} texts were`;
  const which = rows === 1 || firstTruncated.length === 0 ? '' : ` (number ${firstTruncated.join(', ')}${more})`;
  logger.warn(`${texts} longer than the model's ${limit} tokens and cut${which}.`);
}
