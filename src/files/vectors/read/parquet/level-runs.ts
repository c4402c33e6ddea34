/**
 * Visits the levels of a page as runs of equal ones, in order, until `visit` gives false; says whether all `count` were
 * visited. Throws if they end early. Source: RLE / bit-packing hybrid of the Parquet format; a level takes 1 to 8 bits.
 */
export function visitLevelRuns(
  bytes: Uint8Array,
  bits: number,
  count: number,
  visit: (level: number, length: number) => boolean,
): boolean {
  let at = 0;
  let seen = 0;
  const next = (): number => {
    const byte = bytes[at++];
    if (byte === undefined) throw new Error('the levels of a page end early');
    return byte;
  };
  const mask = (1 << bits) - 1;
  while (seen < count) {
    const header = readVarint(next);
    if (header % 2 === 0) {
      const level = next();
      const length = Math.min(header / 2, count - seen);
      if (length === 0) throw new Error('a run of levels is empty');
      if (!visit(level, length)) return false;
      seen += length;
      continue;
    }
    // Groups of eight levels, from the least significant bit on; the last group may hold more than there are.
    const packed = Math.min(((header - 1) / 2) * 8, count - seen);
    let held = 0;
    let buffer = 0;
    for (let i = 0; i < packed; i++) {
      if (held < bits) {
        buffer |= next() << held;
        held += 8;
      }
      if (!visit(buffer & mask, 1)) return false;
      buffer >>>= bits;
      held -= bits;
    }
    seen += packed;
  }
  return true;
}

/** Unsigned LEB128, as far as a count of 32 bits needs. */
function readVarint(next: () => number): number {
  let value = 0;
  for (let place = 1; place <= 2 ** 28; place *= 128) {
    const byte = next();
    value += (byte & 127) * place;
    if (byte < 128) return value;
  }
  throw new Error('a run of levels is too long');
}
