/** torch.nn.LayerNorm over the last dimension. */
export interface LayerNorm {
  readonly weight: Float64Array;
  readonly bias: Float64Array;
  readonly epsilon: number;
}

/** (x - mean) / sqrt(variance + epsilon) * weight + bias for each row, in place; the variance divides by n. */
export function applyLayerNorm(norm: LayerNorm, x: Float64Array): void {
  const { weight, bias, epsilon } = norm;
  const size = weight.length;
  for (let begin = 0; begin < x.length; begin += size) {
    const row = x.subarray(begin, begin + size);
    const mean = row.reduce((sum, value) => sum + value, 0) / size;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
    const scale = 1 / Math.sqrt(variance + epsilon);
    for (let i = 0; i < size; i++) row[i] = ((row[i] ?? 0) - mean) * scale * (weight[i] ?? 0) + (bias[i] ?? 0);
  }
}
