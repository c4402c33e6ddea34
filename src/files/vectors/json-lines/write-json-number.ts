/** More bytes than any number takes: -100000000000000000000 and -1.17549435e-38 are the longest kinds. */
export const LONGEST_JSON_NUMBER: number = 25;

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;

/** Powers of ten; all of them are exact in float64. */
const POWERS: Float64Array = Float64Array.from({ length: 17 }, (_, power) => Number(`1e${power}`));

/** By digits after the point: the least value for which they make nine significant ones. */
const LEAST: Float64Array = Float64Array.from({ length: 17 }, (_, places) => Number(`1e${8 - places}`));

/** The characters of 00 to 99. */
const PAIRS: Uint8Array = Uint8Array.from({ length: 200 }, (_, index) =>
  String(index >> 1)
    .padStart(2, '0')
    .charCodeAt(index & 1),
);

/**
 * Writes a finite float32 value as JSON and returns where it ends; the bytes need room for
 * {@link LONGEST_JSON_NUMBER}. Reading the number and rounding it to float32 gives the same bits back: nine significant
 * digits always do (IEEE 754, 5.12.2), and eight are written where they do too.
 *
 * `toPrecision` does the same more than ten times slower, longer than a small model takes for a short text.
 */
export function writeJsonNumber(value: number, bytes: Uint8Array, begin: number): number {
  let at = begin;
  // -0 is a number of JSON; only the reciprocal tells it from 0.
  if (value < 0 || (value === 0 && 1 / value < 0)) bytes[at++] = MINUS;
  const size = Math.abs(value);
  if (size < 1e9 && Math.floor(size) === size) return writeWhole(size, bytes, at);
  if (size < 1e-7 || size >= 1e7) return writeText(String(Number(size.toPrecision(9))), bytes, at);
  let places = size < 1 ? 9 : 2;
  while (size < power(LEAST, places)) places++;
  // Below 2^31, so that `| 0` rounds down. The quotient is the float64 that readers make of the digits: both operands
  // are exact.
  let digits = (size * power(POWERS, places - 1) + 0.5) | 0;
  if (Math.fround(digits / power(POWERS, places - 1)) === size) places--;
  else digits = (size * power(POWERS, places) + 0.5) | 0;
  if (size < 1) bytes[at++] = ZERO;
  else {
    const whole = Math.floor(digits / power(POWERS, places));
    at = writeWhole(whole, bytes, at);
    digits = (digits - whole * power(POWERS, places)) | 0;
  }
  bytes[at++] = POINT;
  let end = at + places;
  writeDigits(digits, bytes, at, end);
  while (bytes[end - 1] === ZERO) end--;
  return end;
}

function power(table: Float64Array, index: number): number {
  return table[index] ?? 0;
}

function writeWhole(value: number, bytes: Uint8Array, begin: number): number {
  let length = 1;
  while (value >= power(POWERS, length)) length++;
  writeDigits(value | 0, bytes, begin, begin + length);
  return begin + length;
}

/** Writes the last digits of a number below 2^31 into the whole range, with zeros in front. */
function writeDigits(number: number, bytes: Uint8Array, begin: number, end: number): void {
  let rest = number | 0;
  let at = end;
  while (at - begin >= 2) {
    const next = (rest / 100) | 0;
    const pair = (rest - next * 100) << 1;
    bytes[--at] = PAIRS[pair + 1] ?? ZERO;
    bytes[--at] = PAIRS[pair] ?? ZERO;
    rest = next;
  }
  if (at > begin) bytes[at - 1] = ZERO + rest;
}

function writeText(text: string, bytes: Uint8Array, begin: number): number {
  for (let index = 0; index < text.length; index++) bytes[begin + index] = text.charCodeAt(index);
  return begin + text.length;
}
