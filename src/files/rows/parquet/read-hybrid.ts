/**
 * Values of the run-length and bit-packing hybrid encoding (Parquet format, Encodings, RLE = 3), without a length in
 * front. Exactly `count` of them, whatever the runs claim: a run of two thousand million values takes five bytes to
 * write, and must not fill the memory (CWE-789). Throws when the bytes end first.
 */
export function readHybrid(bytes: Uint8Array, width: number, count: number): Uint32Array {
  if (width > 32) throw new Error(`values cannot have ${width} bits`);
  const values = new Uint32Array(count);
  const byteAt = (offset: number): number => {
    const byte = bytes[offset];
    if (byte === undefined) throw new Error('a page ends within its levels or indices');
    return byte;
  };
  let offset = 0;
  for (let filled = 0; filled < count;) {
    let header = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = byteAt(offset++);
      header += (byte & 0x7f) * 2 ** shift;
      more = byte >= 0x80;
    }
    const run = Math.floor(header / 2);
    if (header % 2 === 0) {
      let value = 0;
      for (let got = 0; got < width; got += 8) value += byteAt(offset++) * 2 ** got;
      if (value >= 2 ** width) throw new Error(`a page holds ${value} where values have ${width} bits`);
      const end = Math.min(count, filled + run);
      values.fill(value, filled, end);
      filled = end;
    } else {
      // The last group of eight may be cut short, and so may its bytes.
      const end = Math.min(count, filled + run * 8);
      for (let bit = offset * 8; filled < end; filled++) {
        let value = 0;
        for (let got = 0; got < width;) {
          const used = bit % 8;
          const take = Math.min(8 - used, width - got);
          value += ((byteAt(Math.floor(bit / 8)) >>> used) & ((1 << take) - 1)) * 2 ** got;
          got += take;
          bit += take;
        }
        values[filled] = value;
      }
      offset += run * width;
    }
  }
  return values;
}
