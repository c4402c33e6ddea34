import { createHash } from 'node:crypto';

/** Hexadecimal digits of an id: 128 bits, so that a billion memories have no two of the same id by chance. */
const DIGITS = 32;

/** An id that depends on its parts alone: the same today and tomorrow, here and on another machine. JSON keeps parts apart. */
export function stableId(...parts: readonly (string | number | readonly string[])[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, DIGITS);
}
