import { openCheckpoint } from '#src/convert/checkpoint.js';
import type { EncoderParameters } from '#src/convert/encoder-parameters.js';
import { listFolderFiles, readModelRecord } from '#src/convert/index.js';
import { quantizeUncalibrated } from '#src/convert/quantize/quantize-uncalibrated.js';
import { largestWeight, roundRows, type WeightBits } from '#src/convert/quantize/round-rows.js';
import { float32FromTensor } from '#src/formats/safetensors/index.js';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';

import { tinyFolder } from './portable-model.js';

const finite = fc.float({ min: -1e6, max: 1e6, noNaN: true });
const matrix = fc
  .record({ rows: fc.integer({ min: 1, max: 6 }), columns: fc.integer({ min: 1, max: 9 }) })
  .chain(({ rows, columns }) =>
    fc.record({
      columns: fc.constant(columns),
      data: fc.array(finite, { minLength: rows * columns, maxLength: rows * columns }).map((v) => Float32Array.from(v)),
    }),
  );

async function encoderOf(name: string): Promise<EncoderParameters> {
  const files = await listFolderFiles(tinyFolder(name));
  const checkpoint = await openCheckpoint(files, await readModelRecord(files));
  onTestFinished(() => checkpoint.close());
  return checkpoint.encoder;
}

describe('rounding a matrix', () => {
  it.each<WeightBits>([7, 8])('to %i bits moves no value by more than half a step', (bits) => {
    const largest = largestWeight(bits);
    fc.assert(
      fc.property(matrix, ({ data, columns }) => {
        const { values, scales } = roundRows(data, columns, largest);
        data.forEach((value, i) => {
          const scale = scales[Math.trunc(i / columns)] ?? NaN;
          expect(Math.abs(values[i] ?? NaN)).toBeLessThanOrEqual(largest);
          expect(Math.abs((values[i] ?? NaN) * scale - value)).toBeLessThanOrEqual(0.501 * scale + 1e-38);
        });
      }),
    );
  });

  it('uses the whole range in every row that is not zero', () => {
    const { values, scales } = roundRows(Float32Array.of(0.5, -2, 0, 0, 1e-3, 0), 2, 127);
    expect([...values]).toEqual([32, -127, 0, 0, 127, 0]);
    expect(scales[1]).toBe(0);
  });
});

describe('a checkpoint quantised without calibration', () => {
  it.each<WeightBits>([7, 8])(
    'has weights [in, out] within half a step of the published ones, %i bits',
    async (bits) => {
      const parameters = await encoderOf('bert-mean');
      const steps: [number, number][] = [];
      const encoder = await quantizeUncalibrated(parameters, {
        weightBits: bits,
        onLayer: (done, total) => steps.push([done, total]),
      });
      const layers = parameters.layers.length;
      expect(steps).toEqual(Array.from({ length: layers + 1 }, (_, i) => [i, layers]));
      const pairs = parameters.layers.flatMap((layer, i) => {
        const made = encoder.layers[i];
        const [part] = made?.feedForward ?? [];
        return [
          [layer.query, made?.query],
          [layer.key, made?.key],
          [layer.value, made?.value],
          [layer.attentionOutput, made?.attentionOutput],
          [layer.intermediate, part?.intermediate],
          [layer.output, part && { weight: part.output, bias: made?.feedForwardBias }],
        ] as const;
      });
      expect(pairs).toHaveLength(6 * layers);
      for (const [published, made] of pairs) {
        if (made === undefined) throw new Error('a layer is missing');
        const { tensor } = published.weight;
        const weight = float32FromTensor(await tensor.read(), tensor.dtype);
        const { rows, columns, values, scales } = made.weight;
        expect([columns, rows]).toEqual(tensor.shape);
        expect(made.bias).toBe(published.bias);
        expect(Math.max(...values.map(Math.abs))).toBe(largestWeight(bits));
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++) {
            const scale = scales[column] ?? NaN;
            const error = (values[row * columns + column] ?? NaN) * scale - (weight[column * rows + row] ?? NaN);
            expect(Math.abs(error)).toBeLessThanOrEqual(0.501 * scale);
          }
        }
      }
    },
  );

  it('has a zero point for GELU only where the activation is one', async () => {
    const parameters = await encoderOf('bert-mean');
    const scaleFor = async (activation: EncoderParameters['shape']['activation']): Promise<string | undefined> => {
      const shape = { ...parameters.shape, activation };
      const encoder = await quantizeUncalibrated({ ...parameters, shape }, { weightBits: 8 });
      return encoder.layers[0]?.feedForward[0]?.activated.scale.kind;
    };
    expect(await scaleFor('gelu')).toBe('row-gelu');
    expect(await scaleFor('gelu_tanh')).toBe('row-gelu');
    expect(await scaleFor('relu')).toBe('row');
    expect(await scaleFor('silu')).toBe('row');
  });

  it('stops when it is told to', async () => {
    const parameters = await encoderOf('bert-mean');
    const stop = new AbortController();
    const call = quantizeUncalibrated(parameters, {
      weightBits: 8,
      signal: stop.signal,
      onLayer: (done) => {
        if (done === 1) stop.abort();
      },
    });
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

/** vpmaddubsw, as processors without VNNI multiply: two products of uint8 and int8, added in 16 bits with saturation. */
function multiplyAddSaturating(a: readonly [number, number], b: readonly [number, number]): number {
  return Math.max(-32768, Math.min(32767, a[0] * b[0] + a[1] * b[1]));
}

describe('two products in 16 bits', () => {
  const exact = (a: readonly [number, number], b: readonly [number, number]): number => a[0] * b[0] + a[1] * b[1];
  const activations = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }));

  it('never saturate with weights of 7 bits', () => {
    const weight = fc.integer({ min: -largestWeight(7), max: largestWeight(7) });
    const corners = [-largestWeight(7), largestWeight(7)];
    for (const first of corners) {
      for (const second of corners) {
        expect(multiplyAddSaturating([255, 255], [first, second])).toBe(exact([255, 255], [first, second]));
      }
    }
    fc.assert(
      fc.property(activations, fc.tuple(weight, weight), (a, b) => {
        expect(multiplyAddSaturating(a, b)).toBe(exact(a, b));
      }),
    );
  });

  it('can saturate with weights of 8 bits, and then give a wrong sum', () => {
    const weights = [largestWeight(8), largestWeight(8)] as const;
    expect(exact([255, 255], weights)).toBe(64_770);
    expect(multiplyAddSaturating([255, 255], weights)).toBe(32_767);
  });
});
