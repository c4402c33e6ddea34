import type { QuantizedMatrix } from './quantized-encoder.js';
import type { RoundedRows } from './round-rows.js';

/** A rounded weight, a row of it an output, as integer kernels take it: [inputs, outputs] with a scale a column. */
export function kernelMatrix(name: string, { values, scales }: RoundedRows): QuantizedMatrix {
  const columns = scales.length;
  const rows = values.length / columns;
  const transposed = new Int8Array(values.length);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) transposed[row * columns + column] = values[column * rows + row] ?? 0;
  }
  return { name, rows, columns, values: transposed, scales };
}
