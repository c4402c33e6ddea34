let float16Table: Uint32Array | undefined;

/** float32 values of IEEE 754 binary16 bit patterns; exact, subnormals, infinities and NaN included. */
export function float16ToFloat32(bits: Uint16Array): Float32Array {
  const table = (float16Table ??= buildFloat16Table());
  const result = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) result[i] = table[bits[i] ?? 0] ?? 0;
  return new Float32Array(result.buffer);
}

/** float32 values of bfloat16 bit patterns, which are the upper halves of float32; exact. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  const result = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) result[i] = (bits[i] ?? 0) << 16;
  return new Float32Array(result.buffer);
}

/** float32 bit pattern of every binary16 bit pattern: 256 KiB, and one load per element instead of branches. */
function buildFloat16Table(): Uint32Array {
  const table = new Uint32Array(0x10000);
  const float = new Float32Array(1);
  const word = new Uint32Array(float.buffer);
  for (let bits = 0; bits < 0x10000; bits++) {
    const sign = (bits & 0x8000) << 16;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0x1f) table[bits] = sign | 0x7f800000 | (fraction << 13);
    else if (exponent > 0) table[bits] = sign | ((exponent + 112) << 23) | (fraction << 13);
    else {
      // Subnormals of binary16 are normal in float32; fraction * 2^-24 is exact.
      float[0] = fraction * 2 ** -24;
      table[bits] = sign | (word[0] ?? 0);
    }
  }
  return table;
}
