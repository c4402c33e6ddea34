import { quantizeLinear } from '#src/convert/quantize/quantize-linear.js';
import { factorInputs } from '#src/convert/quantize/round-with-compensation.js';
import { repeatInputs, widenedInputs } from '#src/convert/quantize/repeat-inputs.js';
import { describe, expect, it } from 'vitest';

import { normalNumbers } from './random-matrix.js';

describe('repeatInputs', () => {
  it('gives each further copy to the input with the largest part so far', () => {
    const peaks = new Float64Array(384).fill(1);
    peaks[300] = 9.5;
    peaks[7] = 5.5;
    // Ten copies of one are below 1, six of the other; the last two go to inputs of equal peaks.
    const expected = [...new Array<number>(5).fill(7), ...new Array<number>(9).fill(300), 0, 1];
    expect([...(repeatInputs(peaks) ?? [])]).toEqual(expected.sort((left, right) => left - right));
  });

  it.each([
    [64, 0],
    [191, 0],
    [384, 16],
    [768, 32],
    [1024, 48],
  ])('of %i inputs gives %i further copies', (inputs, copies) => {
    expect(repeatInputs(new Float64Array(inputs))?.length ?? 0).toBe(copies);
  });
});

describe('a weight of repeated inputs', () => {
  it('adds up to the weight, in finer steps', () => {
    const [outputs, inputs, largest] = [5, 6, 127];
    const next = normalNumbers(3);
    const values = Float32Array.from({ length: outputs * inputs }, (_, i) => (i % inputs === 4 ? 8 : 1) * next());
    const multiplier = Float32Array.from({ length: inputs }, (_, i) => 0.5 + i);
    const repeated = Uint32Array.of(2, 4, 4, 4);
    const places = widenedInputs(inputs, repeated);
    expect([...places]).toEqual([0, 1, 2, 3, 4, 5, 2, 4, 4, 4]);
    const size = places.length;
    const means = new Float64Array(size);
    const factor = factorInputs(new Float64Array(size * size), size);
    const made = quantizeLinear(
      { name: 'w', values, outputs, inputs },
      { multiplier, repeated, factor, means, seenMeans: means },
      largest,
    ).weight;
    expect([made.rows, made.columns]).toEqual([size, outputs]);
    for (let output = 0; output < outputs; output++) {
      const scale = made.scales[output] ?? NaN;
      const sums = new Float64Array(inputs);
      let peak = 0;
      places.forEach((input, place) => {
        sums[input] = (sums[input] ?? 0) + (made.values[place * outputs + output] ?? NaN) * scale;
        const copies = places.filter((other) => other === input).length;
        const weight = (values[output * inputs + input] ?? NaN) / (multiplier[input] ?? NaN);
        peak = Math.max(peak, Math.abs(weight) / copies);
      });
      expect(scale).toBeCloseTo(peak / largest, 6);
      sums.forEach((sum, input) => {
        const weight = (values[output * inputs + input] ?? NaN) / (multiplier[input] ?? NaN);
        expect(Math.abs(sum - weight)).toBeLessThanOrEqual(4 * 0.501 * scale);
      });
    }
  });
});
