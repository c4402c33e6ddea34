import type { QuantizedEncoder, QuantizedLinear } from '#src/convert/quantize/quantized-encoder.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { int8Forward } from './int8-forward.js';
import { int8Session, LONGEST, runTexts } from './int8-session.js';
import { expectedOf, tinyFolder } from './portable-model.js';

/** Numbers in (0, 1) that are the same in every run. */
function fraction(index: number): number {
  return ((index * 7919 + 13) % 1009) / 1009;
}

/** Some columns of a weight, or some of its rows. */
function slice(
  linear: QuantizedLinear,
  name: string,
  begin: number,
  end: number,
  by: 'rows' | 'columns',
): QuantizedLinear {
  const { rows, columns, values, scales } = linear.weight;
  if (by === 'rows') {
    const part = values.slice(begin * columns, end * columns);
    return { ...linear, weight: { name, rows: end - begin, columns, values: part, scales } };
  }
  const width = end - begin;
  const part = Int8Array.from(
    { length: rows * width },
    (_, i) => values[Math.trunc(i / width) * columns + begin + (i % width)] ?? 0,
  );
  const weight = { name, rows, columns: width, values: part, scales: scales.slice(begin, end) };
  return { weight, bias: linear.bias?.slice(begin, end) };
}

/** A weight that takes some inputs once more, after all of them, with other values. */
function widen({ weight, bias }: QuantizedLinear, repeated: Uint32Array): QuantizedLinear {
  const { name, rows, columns, values, scales } = weight;
  const further = Int8Array.from({ length: repeated.length * columns }, (_, i) => Math.round(100 * fraction(i)) - 50);
  const widened = new Int8Array(values.length + further.length);
  widened.set(values);
  widened.set(further, values.length);
  return { weight: { name, rows: rows + repeated.length, columns, values: widened, scales }, bias };
}

/** Everything that a calibrated recipe uses: static scales, smoothing, repeated inputs, a feed-forward block in two parts. */
function calibrated(encoder: QuantizedEncoder): QuantizedEncoder {
  const { hiddenSize, intermediateSize } = encoder.shape;
  const smooth = (seed: number, scale: number) => ({
    multiplier: Float32Array.from({ length: hiddenSize }, (_, i) => 0.5 + fraction(seed + i)),
    repeated: Uint32Array.of(seed % hiddenSize, 3, 3),
    scale: { kind: 'static', scale, zeroPoint: 120 } as const,
  });
  const layers = encoder.layers.map((layer, index) => {
    const [block] = layer.feedForward;
    if (block === undefined) throw new Error('no feed-forward block');
    const part = (name: string, begin: number, end: number) => ({
      intermediate: slice(block.intermediate, `${index}.${name}.intermediate`, begin, end, 'columns'),
      activated: block.activated,
      output: slice({ weight: block.output, bias: undefined }, `${index}.${name}.output`, begin, end, 'rows').weight,
    });
    const attentionInput = smooth(index, 0.04);
    const feedForwardInput = smooth(index + 500, 0.03);
    const blocks = [part('outliers', 0, 7), part('rest', 7, intermediateSize)];
    return {
      ...layer,
      attentionInput,
      query: widen(layer.query, attentionInput.repeated),
      key: widen(layer.key, attentionInput.repeated),
      value: widen(layer.value, attentionInput.repeated),
      feedForwardInput,
      feedForward: blocks.map((made) => ({
        ...made,
        intermediate: widen(made.intermediate, feedForwardInput.repeated),
      })),
    };
  });
  return { ...encoder, layers };
}

function worst(data: Float32Array, rows: readonly (readonly number[])[]): number {
  return Math.max(...rows.flat().map((value, i) => Math.abs(value - (data[i] ?? NaN))));
}

describe('the int8 graph', () => {
  it.each<[string, (encoder: QuantizedEncoder) => QuantizedEncoder]>([
    ['without calibration', (encoder) => encoder],
    ['with static scales, smoothing, repeated inputs and two feed-forward parts', calibrated],
    ['with a rectifier', (encoder) => ({ ...encoder, shape: { ...encoder.shape, activation: 'relu' } })],
  ])('%s computes what its definition says', async (_, change) => {
    const loaded = await int8Session(tinyFolder('bert-mean'), 1, change);
    const errors: number[] = [];
    for (const ids of expectedOf('bert-mean').input_ids) {
      errors.push(worst(await runTexts(loaded, [ids], 'hidden'), int8Forward(loaded.encoder, ids)));
    }
    errors.sort((left, right) => left - right);
    // A value in the middle between two steps may be rounded to the other one: rare, and worth a step.
    expect(errors[Math.trunc(errors.length / 2)]).toBeLessThan(2e-5);
    expect(errors.at(-1)).toBeLessThan(0.1);
  });

  it('gives zero, and nothing that is not finite, for rows of zeros', async () => {
    const loaded = await int8Session(tinyFolder('bert-mean'), 1, (encoder) => ({
      ...encoder,
      layers: encoder.layers.map((layer) => {
        const { weight } = layer.value;
        const zeros = { ...weight, values: new Int8Array(weight.values.length) };
        return { ...layer, value: { weight: zeros, bias: undefined } };
      }),
    }));
    const ids = expectedOf('bert-mean').input_ids[0] ?? [];
    expect(worst(await runTexts(loaded, [ids], 'hidden'), int8Forward(loaded.encoder, ids))).toBeLessThan(2e-5);
  });

  it('refuses two weights of one name', async () => {
    const same = (encoder: QuantizedEncoder): QuantizedEncoder => ({
      ...encoder,
      layers: encoder.layers.map((layer) => ({
        ...layer,
        key: { ...layer.key, weight: { ...layer.key.weight, name: layer.query.weight.name } },
      })),
    });
    await expect(int8Session(tinyFolder('bert-mean'), 1, same)).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

/** Texts of one length for the smallest vocabulary, and one of them. */
const batches = fc
  .record({ length: fc.integer({ min: 1, max: LONGEST }), count: fc.integer({ min: 1, max: 32 }) })
  .chain(({ length, count }) =>
    fc.record({
      texts: fc.array(fc.array(fc.integer({ min: 0, max: 399 }), { minLength: length, maxLength: length }), {
        minLength: count,
        maxLength: count,
      }),
      chosen: fc.integer({ min: 0, max: count - 1 }),
    }),
  );

describe('a text in int8', () => {
  it.each<[string, (encoder: QuantizedEncoder) => QuantizedEncoder]>([
    ['bert-mean', (encoder) => encoder],
    ['bert-dense', calibrated],
    ['bert-multipool', calibrated],
  ])('has the same bits alone, in any batch and with any number of threads: %s', async (name, change) => {
    const sessions = await Promise.all([1, 2, 3].map((threads) => int8Session(tinyFolder(name), threads, change)));
    await fc.assert(
      fc.asyncProperty(batches, async ({ texts, chosen }) => {
        const [first, ...others] = sessions;
        if (first === undefined) throw new Error('no session');
        const alone = await runTexts(first, [texts[chosen] ?? []]);
        expect(alone).toHaveLength(first.dimensions);
        for (const one of [first, ...others]) {
          const data = await runTexts(one, texts);
          expect(data.slice(chosen * one.dimensions, (chosen + 1) * one.dimensions)).toEqual(alone);
          expect(await runTexts(one, [texts[chosen] ?? []])).toEqual(alone);
        }
      }),
      { numRuns: 60 },
    );
  });
});
