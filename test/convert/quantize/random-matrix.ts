/** Numbers of a normal distribution from a seed: the same in every run. */
export function normalNumbers(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** [rows, columns] correlated inputs, some of them much larger than the others. */
export function correlatedInputs(rows: number, columns: number, next: () => number): Float32Array {
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const common = next();
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] = (next() + 0.7 * common) * (column % 7 === 0 ? 5 : 1) + 0.3;
    }
  }
  return values;
}

/** X^T X in plain loops. */
export function plainGram(values: Float32Array, width: number): Float64Array {
  const gram = new Float64Array(width * width);
  for (let row = 0; row < values.length; row += width) {
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) {
        gram[i * width + j] = (gram[i * width + j] ?? 0) + (values[row + i] ?? 0) * (values[row + j] ?? 0);
      }
    }
  }
  return gram;
}
