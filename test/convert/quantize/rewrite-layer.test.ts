import type { FloatMatrix } from '#src/convert/quantize/float-matrix.js';
import { type FloatLayer, rewriteLayer, shiftNorm } from '#src/convert/quantize/rewrite-layer.js';
import { describe, expect, it } from 'vitest';

import { normalNumbers } from './random-matrix.js';

type Rows = readonly (readonly number[])[];

/** Everything that a layer computes with, in float64. */
interface PlainLayer {
  /** What the input of query, key and value, and that of the first feed-forward layer, are multiplied with. */
  readonly multipliers?: readonly [ArrayLike<number>, ArrayLike<number>];
  readonly biases: Readonly<Record<'query' | 'attentionOutput' | 'intermediate' | 'output', ArrayLike<number>>>;
  readonly attentionNorm: FloatLayer['attentionNorm'];
  readonly parts: readonly ArrayLike<number>[];
}

const HIDDEN = 12;
const HEADS = 3;
const TOKENS = 7;

function linear(
  { values, inputs, outputs }: FloatMatrix,
  row: readonly number[],
  divisor?: ArrayLike<number>,
): number[] {
  return Array.from({ length: outputs }, (_, output) =>
    row.reduce((sum, x, input) => sum + (x * (values[output * inputs + input] ?? 0)) / (divisor?.[input] ?? 1), 0),
  );
}

function norm(row: readonly number[], { scale, offset }: FloatLayer['attentionNorm']): number[] {
  const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
  const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length;
  return row.map((x, i) => ((x - mean) / Math.sqrt(variance + 1e-12)) * (scale[i] ?? 0) + (offset[i] ?? 0));
}

const add = (a: readonly number[], b: ArrayLike<number>): number[] => a.map((x, i) => x + (b[i] ?? 0));
const times = (a: readonly number[], b: ArrayLike<number> | undefined): number[] => a.map((x, i) => x * (b?.[i] ?? 1));

/** One layer in plain loops; gives what goes into its linear layers, too. */
function forward(layer: FloatLayer, plain: PlainLayer, input: Rows) {
  const [first, second] = plain.multipliers ?? [];
  const smooth = input.map((row) => times(row, first));
  const query = smooth.map((row) => add(linear(layer.query, row, first), plain.biases.query));
  const key = smooth.map((row) => linear(layer.key, row, first));
  const value = smooth.map((row) => linear(layer.value, row, first));
  const width = HIDDEN / HEADS;
  const context = query.map((q) => {
    const result = new Array<number>(HIDDEN).fill(0);
    for (let head = 0; head < HEADS; head++) {
      const channels = Array.from({ length: width }, (_, i) => head * width + i);
      const scores = key.map((k) => channels.reduce((sum, c) => sum + (q[c] ?? 0) * (k[c] ?? 0), 0) / Math.sqrt(width));
      const weights = scores.map((score) => Math.exp(score - Math.max(...scores)));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (const c of channels) result[c] = weights.reduce((sum, w, t) => sum + (w / total) * (value[t]?.[c] ?? 0), 0);
    }
    return result;
  });
  const attended = context.map((row, token) =>
    norm(
      add(add(linear(layer.attentionOutput, row), plain.biases.attentionOutput), input[token] ?? []),
      plain.attentionNorm,
    ),
  );
  const activated = attended.map((row) =>
    add(linear(layer.intermediate, times(row, second), second), plain.biases.intermediate).map(
      (x) => x / (1 + Math.exp(-1.702 * x)),
    ),
  );
  const output = activated.map((row, token) => {
    const sums = plain.parts.map((channels) => {
      const chosen = new Set(Array.from(channels));
      return linear(
        layer.output,
        row.map((x, channel) => (chosen.has(channel) ? x : 0)),
      );
    });
    const sum = sums.reduce((total, part) => add(total, part), new Array<number>(HIDDEN).fill(0));
    return norm(add(add(sum, plain.biases.output), attended[token] ?? []), layer.outputNorm);
  });
  return { context, attended, activated, output };
}

function randomLayer(intermediateSize: number, next: () => number): FloatLayer {
  const vector = (size: number, middle = 0): Float32Array =>
    Float32Array.from({ length: size }, () => middle + next() / 3);
  const matrix = (name: string, outputs: number, inputs: number): FloatMatrix => ({
    name,
    outputs,
    inputs,
    values: vector(outputs * inputs),
  });
  return {
    query: matrix('query', HIDDEN, HIDDEN),
    key: matrix('key', HIDDEN, HIDDEN),
    value: matrix('value', HIDDEN, HIDDEN),
    attentionOutput: matrix('attentionOutput', HIDDEN, HIDDEN),
    intermediate: matrix('intermediate', intermediateSize, HIDDEN),
    output: matrix('output', HIDDEN, intermediateSize),
    biases: {
      query: vector(HIDDEN),
      attentionOutput: vector(HIDDEN),
      intermediate: vector(intermediateSize),
      output: vector(HIDDEN),
    },
    attentionNorm: { scale: vector(HIDDEN, 1), offset: vector(HIDDEN, 0.5) },
    outputNorm: { scale: vector(HIDDEN, 1), offset: vector(HIDDEN) },
  };
}

describe('rewriteLayer', () => {
  it.each([
    ['one part', 20, 1],
    ['outliers apart', 600, 2],
  ])('computes the same in real arithmetic, with %s', (_, intermediateSize, parts) => {
    const next = normalNumbers(intermediateSize);
    const layer = randomLayer(intermediateSize, next);
    const input = Array.from({ length: TOKENS }, () =>
      Array.from({ length: HIDDEN }, (__, i) => next() + (i === 3 ? 9 : 1)),
    );
    const everything = Uint32Array.from({ length: intermediateSize }, (__, channel) => channel);
    const original = forward(
      layer,
      { biases: layer.biases, attentionNorm: layer.attentionNorm, parts: [everything] },
      input,
    );
    const activations = (rows: Rows) => ({ values: Float32Array.from(rows.flat()), width: rows[0]?.length ?? 0 });
    const rewritten = rewriteLayer(layer, {
      hidden: activations(input),
      context: activations(original.context),
      attended: activations(original.attended),
      activated: activations(original.activated),
    });
    expect(rewritten.parts).toHaveLength(parts);
    expect(rewritten.inputShift[3]).toBeGreaterThan(5);
    const shiftedInput = input.map((row) => row.map((x, i) => x - (rewritten.inputShift[i] ?? 0)));
    const result = forward(
      layer,
      {
        multipliers: [rewritten.attentionInput.multiplier, rewritten.feedForwardInput.multiplier],
        biases: rewritten.biases,
        attentionNorm: rewritten.attentionNorm,
        parts: rewritten.parts.map(({ channels }) => channels),
      },
      shiftedInput,
    );
    for (const [token, row] of original.output.entries()) {
      for (const [i, x] of row.entries()) expect(result.output[token]?.[i]).toBeCloseTo(x, 6);
    }
    // The activations that weights are rounded for are those that the rewritten layer meets.
    const expected = result.context.flat();
    rewritten.context.values.forEach((x, i) => {
      expect(x).toBeCloseTo(expected[i] ?? Number.NaN, 5);
    });
    const smoothed = shiftedInput.map((row) => times(row, rewritten.attentionInput.multiplier)).flat();
    rewritten.attentionInput.activations.values.forEach((x, i) => {
      expect(x).toBeCloseTo(smoothed[i] ?? Number.NaN, 5);
    });
  });

  it('shifts the result of a norm', () => {
    const shifted = shiftNorm(
      { scale: Float32Array.of(2, 3), offset: Float32Array.of(1, 1) },
      Float32Array.of(0.5, -0.25),
    );
    expect(shifted).toEqual({ scale: Float32Array.of(2, 3), offset: Float32Array.of(0.5, 1.25) });
  });
});
