/**
 * Bits of an int8 weight. On processors without VNNI the kernels add two products of an activation and a weight in 16
 * bits and saturate; 2 x 255 x 63 fits, 2 x 255 x 127 does not.
 */
export type WeightBits = 7 | 8;

/** Largest magnitude of a weight of so many bits. */
export function largestWeight(bits: WeightBits): number {
  return 2 ** (bits - 1) - 1;
}

/** Rows in int8, each with its scale. */
export interface RoundedRows {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/**
 * Rounds a matrix [scales.length, columns] to the nearest multiples of a scale for each row, its largest magnitude
 * over `largest`. A row of zeros keeps the scale 0.
 */
export function roundRows(matrix: Float32Array, columns: number, largest: number): RoundedRows {
  const values = new Int8Array(matrix.length);
  const scales = new Float32Array(matrix.length / columns);
  for (let row = 0; row < scales.length; row++) {
    const begin = row * columns;
    let peak = 0;
    for (let i = begin; i < begin + columns; i++) peak = Math.max(peak, Math.abs(matrix[i] ?? 0));
    const scale = Math.fround(peak / largest);
    // A peak whose scale is no float32 any more counts as zero, as it does in the arithmetic.
    if (scale === 0) continue;
    scales[row] = scale;
    for (let i = begin; i < begin + columns; i++) {
      values[i] = Math.max(-largest, Math.min(largest, Math.round((matrix[i] ?? 0) / scale)));
    }
  }
  return { values, scales };
}
