import type { NormParameters } from '#src/convert/encoder-parameters.js';
import type {
  ActivationScale,
  QuantizedEncoder,
  QuantizedInput,
  QuantizedLinear,
} from '#src/convert/quantize/quantized-encoder.js';

/** Rows of equal width. */
type Rows = number[][];

/**
 * What an int8 encoder computes for one text, by loops that follow the definition: the last hidden state, a row a
 * token. Integer sums are exact; everything else is float64. Knows the exact GELU and the rectifier.
 */
export function int8Forward(encoder: QuantizedEncoder, ids: readonly number[]): Rows {
  const { hiddenSize, heads, normEpsilon, activation } = encoder.shape;
  const at = (values: ArrayLike<number>, index: number): number => values[index] ?? NaN;
  const normed = (rows: Rows, norm: NormParameters): Rows =>
    rows.map((row) => {
      const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
      const root = Math.sqrt(variance + normEpsilon);
      return row.map((value, i) => ((value - mean) / root) * at(norm.scale, i) + at(norm.offset, i));
    });
  const add = (left: Rows, right: Rows): Rows =>
    left.map((row, t) => row.map((value, i) => value + at(right[t] ?? [], i)));

  let hidden: Rows = ids.map((id, t) =>
    Array.from({ length: hiddenSize }, (_, i) => {
      const word = at(encoder.words.values, id * hiddenSize + i) * at(encoder.words.scales, id);
      return word + at(encoder.positions, t * hiddenSize + i) + at(encoder.tokenTypes, i);
    }),
  );
  hidden = normed(hidden, encoder.embeddingNorm);
  for (const layer of encoder.layers) {
    const [query = [], key = [], value = []] = [layer.query, layer.key, layer.value].map((linear) =>
      multiply(hidden, layer.attentionInput, linear),
    );
    const context = attend(query, key, value, heads);
    const attended = normed(
      add(multiply(context, layer.contextInput, layer.attentionOutput), hidden),
      layer.attentionNorm,
    );
    let output: Rows | undefined;
    for (const part of layer.feedForward) {
      const inner = multiply(attended, layer.feedForwardInput, part.intermediate);
      const active = inner.map((row) => row.map((x) => (activation === 'gelu' ? gelu(x) : Math.max(x, 0))));
      const result = multiply(active, part.activated, { weight: part.output, bias: undefined });
      output = output === undefined ? result : add(output, result);
    }
    const biased = (output ?? []).map((row) => row.map((value, i) => value + (layer.feedForwardBias?.[i] ?? 0)));
    hidden = normed(add(biased, attended), layer.outputNorm);
  }
  return hidden;
}

function multiply(
  rows: Rows,
  { multiplier, repeated, scale }: QuantizedInput,
  { weight, bias }: QuantizedLinear,
): Rows {
  return rows.map((row) => {
    const smooth = row.map((value, i) => value * (multiplier?.[i] ?? 1));
    const { step, zeroPoint } = stepOf(smooth, scale);
    const quantized = smooth.map((value) =>
      step === 0 ? 0 : Math.max(0, Math.min(255, roundHalfEven(value / step) + zeroPoint)) - zeroPoint,
    );
    for (const channel of repeated ?? []) quantized.push(quantized[channel] ?? NaN);
    return Array.from({ length: weight.columns }, (_, column) => {
      let sum = 0;
      quantized.forEach((value, i) => {
        sum += value * (weight.values[i * weight.columns + column] ?? NaN);
      });
      return sum * step * (weight.scales[column] ?? NaN) + (bias?.[column] ?? 0);
    });
  });
}

function stepOf(row: readonly number[], scale: ActivationScale): { step: number; zeroPoint: number } {
  switch (scale.kind) {
    case 'static':
      return { step: Math.fround(scale.scale), zeroPoint: scale.zeroPoint };
    case 'row':
      return { step: Math.max(...row.map(Math.abs)) / 127, zeroPoint: 128 };
    case 'row-gelu':
      return { step: Math.max(Math.max(...row) / 239, 0.17 / 16), zeroPoint: 16 };
  }
}

function attend(query: Rows, key: Rows, value: Rows, heads: number): Rows {
  const width = (query[0]?.length ?? 0) / heads;
  return query.map((row) =>
    row.map((_, i) => {
      const begin = Math.trunc(i / width) * width;
      const scores = key.map((other) => {
        let dot = 0;
        for (let k = begin; k < begin + width; k++) dot += (row[k] ?? NaN) * (other[k] ?? NaN);
        return dot / Math.sqrt(width);
      });
      const largest = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - largest));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      return weights.reduce((sum, weight, t) => sum + (weight / total) * (value[t]?.[i] ?? NaN), 0);
    }),
  );
}

function roundHalfEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

/** x Phi(x), the normal distribution function by its series, or by its tail where the series loses its digits. */
function gelu(x: number): number {
  const size = Math.abs(x);
  if (size > 6) return x > 0 ? x : 0;
  let term = size;
  let sum = size;
  for (let n = 1; Math.abs(term) > 1e-18 * sum; n++) {
    term *= (size * size) / (2 * n + 1);
    sum += term;
  }
  const upper = 0.5 + (sum * Math.exp((-size * size) / 2)) / Math.sqrt(2 * Math.PI);
  return x * (x > 0 ? upper : 1 - upper);
}
