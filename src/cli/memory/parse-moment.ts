import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../parse-duration.js';

/** ISO 8601 with its zone, so that a moment is the same on every machine; a date alone is its beginning in UTC. */
const MOMENT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** Reads the value of a flag that takes a moment: a date, a time with its zone, or how long ago. Milliseconds since 1970. */
export function parseMoment(text: string): number {
  const moment = MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(moment)) return moment;
  try {
    return Date.now() - parseDuration(text);
  } catch {
    throw new InvalidArgumentError(
      'It must be a date such as 2026-01-31 (UTC), a time such as 2026-01-31T12:00Z, or how long ago: 12h, 7d, 8w.',
    );
  }
}
