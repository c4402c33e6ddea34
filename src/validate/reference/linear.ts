/** y = W x + b, as torch.nn.Linear stores it. */
export interface Linear {
  /** Row-major [outFeatures, inFeatures]. */
  readonly weight: Float64Array;
  readonly bias: Float64Array | undefined;
  readonly inFeatures: number;
  readonly outFeatures: number;
}

/**
 * The linear map of every row of `x` [rows, inFeatures]: [rows, outFeatures].
 *
 * Tiles of two rows by four outputs share their loads and keep eight independent sums, which is what makes a scalar
 * loop fast; each sum still runs over the inputs in order.
 */
export function applyLinear(linear: Linear, x: Float64Array): Float64Array {
  const { weight, bias, inFeatures, outFeatures } = linear;
  const rows = x.length / inFeatures;
  const y = new Float64Array(rows * outFeatures);
  const wholeRows = rows - (rows % 2);
  const wholeOutputs = outFeatures - (outFeatures % 4);
  for (let output = 0; output < wholeOutputs; output += 4) {
    for (let row = 0; row < wholeRows; row += 2) multiplyTile(linear, x, y, row, output);
  }
  for (let row = 0; row < rows; row++) {
    for (let output = row < wholeRows ? wholeOutputs : 0; output < outFeatures; output++) {
      let sum = 0;
      for (let i = 0; i < inFeatures; i++)
        sum += (x[row * inFeatures + i] ?? 0) * (weight[output * inFeatures + i] ?? 0);
      y[row * outFeatures + output] = sum;
    }
  }
  if (bias !== undefined) {
    for (let i = 0; i < y.length; i++) y[i] = (y[i] ?? 0) + (bias[i % outFeatures] ?? 0);
  }
  return y;
}

function multiplyTile(linear: Linear, x: Float64Array, y: Float64Array, row: number, output: number): void {
  const { weight, inFeatures, outFeatures } = linear;
  const x0 = row * inFeatures;
  const x1 = x0 + inFeatures;
  const w0 = output * inFeatures;
  const w1 = w0 + inFeatures;
  const w2 = w1 + inFeatures;
  const w3 = w2 + inFeatures;
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  for (let i = 0; i < inFeatures; i++) {
    const a0 = x[x0 + i] ?? 0;
    const a1 = x[x1 + i] ?? 0;
    const b0 = weight[w0 + i] ?? 0;
    const b1 = weight[w1 + i] ?? 0;
    const b2 = weight[w2 + i] ?? 0;
    const b3 = weight[w3 + i] ?? 0;
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
  }
  const upper = row * outFeatures + output;
  y[upper] = s00;
  y[upper + 1] = s01;
  y[upper + 2] = s02;
  y[upper + 3] = s03;
  const lower = upper + outFeatures;
  y[lower] = s10;
  y[lower + 1] = s11;
  y[lower + 2] = s12;
  y[lower + 3] = s13;
}
