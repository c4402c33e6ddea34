import { attend } from '#src/validate/reference/attention.js';
import { float64FromBytes } from '#src/validate/reference/float64-from-bytes.js';
import { applyLayerNorm } from '#src/validate/reference/layer-norm.js';
import { applyLinear } from '#src/validate/reference/linear.js';
import { poolTokens } from '#src/validate/reference/pool-tokens.js';
import type { ReferenceTensor, ReferenceWeights } from '#src/validate/reference/reference-weights.js';
import { loadVectorStep } from '#src/validate/reference/vector-step.js';
import { poolingWeights } from '#src/vector/pooling-weights.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const value = fc.double({ min: -4, max: 4, noNaN: true });

function weightsOf(tensors: Record<string, ReferenceTensor>): ReferenceWeights {
  return {
    tensor: () => Promise.resolve(undefined),
    moduleTensor: (path, name) => Promise.resolve(tensors[`${path}/${name}`]),
  };
}

describe('the linear map', () => {
  it('equals the plain double sum for every remainder of rows and outputs', () => {
    for (let rows = 1; rows <= 5; rows++) {
      for (let outFeatures = 1; outFeatures <= 9; outFeatures++) {
        const inFeatures = 3;
        const weight = Float64Array.from({ length: outFeatures * inFeatures }, (_, i) => Math.sin(i));
        const bias = Float64Array.from({ length: outFeatures }, (_, i) => i);
        const x = Float64Array.from({ length: rows * inFeatures }, (_, i) => Math.cos(3 * i));
        const y = applyLinear({ weight, bias, inFeatures, outFeatures }, x);
        expect(y.length).toBe(rows * outFeatures);
        for (const [at, got] of y.entries()) {
          const [row, output] = [Math.floor(at / outFeatures), at % outFeatures];
          let sum = 0;
          for (let i = 0; i < inFeatures; i++) {
            sum += (x[row * inFeatures + i] ?? 0) * (weight[output * inFeatures + i] ?? 0);
          }
          expect(got).toBe(sum + output);
        }
      }
    }
  });
});

describe('layer normalisation', () => {
  it('has mean zero and variance one before scale and shift', () => {
    const x = Float64Array.of(1, 2, 3, 4, -5, 0, 5, 10);
    applyLayerNorm({ weight: new Float64Array(4).fill(1), bias: new Float64Array(4), epsilon: 0 }, x);
    const step = 1 / Math.sqrt(1.25);
    const expected = [-1.5 * step, -0.5 * step, 0.5 * step, 1.5 * step];
    for (const [i, got] of x.entries()) expect(got).toBeCloseTo(expected[i % 4] ?? Number.NaN, 14);
  });
});

describe('attention', () => {
  it('averages the values when all scores are equal, head by head', () => {
    const value = Float64Array.of(1, 10, 3, 30);
    expect(Array.from(attend(new Float64Array(4), new Float64Array(4), value, 2, 2))).toEqual([2, 20, 2, 20]);
  });

  it('survives scores whose exponential overflows', () => {
    const big = Float64Array.of(1e3, 1e3);
    expect(Array.from(attend(big, Float64Array.of(1e3, -1e3), Float64Array.of(7, 9), 1, 1))).toEqual([7, 7]);
  });
});

describe('pooling', () => {
  it('is the weighted sum that poolingWeights describes, for every linear mode and prompt', () => {
    const size = 2;
    const tokens = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(tokens, fc.nat(10), (rows, promptLength) => {
        const flat = Float64Array.from(rows.flat());
        for (const mode of ['cls', 'mean', 'mean_sqrt_len_tokens', 'weightedmean', 'lasttoken'] as const) {
          const weights = poolingWeights(mode, rows.length, promptLength);
          const pooled = poolTokens(flat, size, [mode], promptLength);
          for (let i = 0; i < size; i++) {
            const sum = rows.reduce((total, row, token) => total + (weights[token] ?? 0) * (row[i] ?? 0), 0);
            expect(Math.abs((pooled[i] ?? Number.NaN) - sum)).toBeLessThanOrEqual(3e-6);
          }
        }
      }),
    );
  });

  it('takes the maximum over what is left, and concatenates modes in the listed order', () => {
    const tokens = Float64Array.of(9, -1, -3, -2, -5, 0);
    expect(Array.from(poolTokens(tokens, 2, ['max', 'cls'], 1))).toEqual([-3, 0, -3, -2]);
    expect(Array.from(poolTokens(tokens, 2, ['lasttoken', 'max'], 0))).toEqual([-5, 0, 9, 0]);
    expect(Array.from(poolTokens(tokens, 2, ['max'], 3))).toEqual([-Infinity, -Infinity]);
  });
});

describe('steps on the vector', () => {
  const x = Float64Array.of(1, 2);
  const dense = { kind: 'dense', path: 'D', inFeatures: 2, outFeatures: 2, bias: false, activation: 'relu' } as const;

  it('dense adds the input after the activation if the module is residual', async () => {
    const weights = weightsOf({ 'D/linear.weight': { shape: [2, 2], data: Float64Array.of(1, 1, -1, -1) } });
    const plain = await loadVectorStep({ ...dense, residual: false }, weights);
    expect(Array.from(plain(x))).toEqual([3, 0]);
    const residual = await loadVectorStep({ ...dense, residual: true }, weights);
    expect(Array.from(residual(x))).toEqual([4, 2]);
  });

  it('dense projects the residual if the sizes differ', async () => {
    const weights = weightsOf({
      'D/linear.weight': { shape: [1, 2], data: Float64Array.of(1, 1) },
      'D/residual.weight': { shape: [1, 2], data: Float64Array.of(10, 100) },
    });
    const step = await loadVectorStep({ ...dense, outFeatures: 1, residual: true }, weights);
    expect(Array.from(step(x))).toEqual([213]);
  });

  it('layernorm uses torch’s epsilon', async () => {
    const weights = weightsOf({
      'L/norm.weight': { shape: [2], data: Float64Array.of(1, 2) },
      'L/norm.bias': { shape: [2], data: Float64Array.of(0, 5) },
    });
    const step = await loadVectorStep({ kind: 'layernorm', path: 'L', dimension: 2 }, weights);
    const unit = 0.5 / Math.sqrt(0.25 + 1e-5);
    const [first = Number.NaN, second = Number.NaN] = step(x);
    expect(first).toBeCloseTo(-unit, 14);
    expect(second).toBeCloseTo(2 * unit + 5, 14);
    expect(Array.from(x)).toEqual([1, 2]);
  });

  it('normalize divides by the norm and leaves zero alone', async () => {
    const step = await loadVectorStep({ kind: 'normalize' }, weightsOf({}));
    expect(Array.from(step(Float64Array.of(3, 4)))).toEqual([0.6, 0.8]);
    expect(Array.from(step(Float64Array.of(0, 0)))).toEqual([0, 0]);
  });

  it('name the missing tensor with its folder', async () => {
    await expect(loadVectorStep({ ...dense, residual: false }, weightsOf({}))).rejects.toThrow('D/linear.weight');
  });
});

describe('widening to float64', () => {
  it('reads every kind of half-precision number', () => {
    const halves = Uint16Array.of(0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00, 0xfc00);
    const wide = float64FromBytes(new Uint8Array(halves.buffer), 'F16', 't');
    expect(Array.from(wide)).toEqual([0, -0, 1, -2, 65504, 2 ** -24, 2 ** -14, Infinity, -Infinity]);
    expect(float64FromBytes(Uint8Array.of(1, 0x7c), 'F16', 't')[0]).toBeNaN();
    expect(Array.from(float64FromBytes(Uint8Array.of(0x80, 0x3f, 0x49, 0xc0), 'BF16', 't'))).toEqual([1, -3.140625]);
  });

  it('reads from a view at any offset', () => {
    const bytes = new Uint8Array(13);
    bytes.set(new Uint8Array(Float64Array.of(Math.PI).buffer), 5);
    expect(float64FromBytes(bytes.subarray(5), 'F64', 't')[0]).toBe(Math.PI);
    const single = new Uint8Array(Float32Array.of(0, 0.1).buffer).subarray(4);
    expect(float64FromBytes(single, 'F32', 't')[0]).toBe(Math.fround(0.1));
  });

  it('refuses integers, naming the tensor', () => {
    expect(() => float64FromBytes(new Uint8Array(8), 'I64', 'embeddings.position_ids')).toThrow(
      /embeddings\.position_ids.*I64/,
    );
  });
});
