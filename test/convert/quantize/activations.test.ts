import { quantizedActivations } from '#src/convert/quantize/activations.js';
import { residualShift } from '#src/convert/quantize/residual-shift.js';
import { smoothingMultipliers } from '#src/convert/quantize/smoothing.js';
import { splitChannels } from '#src/convert/quantize/split-channels.js';
import { describe, expect, it } from 'vitest';

import { normalNumbers } from './random-matrix.js';

const next = normalNumbers(11);

describe('quantizedActivations', () => {
  it('takes a row to multiples of its largest magnitude over 127, half a step off at most', () => {
    const values = Float32Array.from({ length: 60 }, (_, i) => next() * 10 ** Math.floor(i / 20));
    const seen = quantizedActivations({ values, width: 20 }, { kind: 'row' }).values;
    for (let row = 0; row < 60; row += 20) {
      const step = Math.max(...values.subarray(row, row + 20).map(Math.abs)) / 127;
      for (let i = row; i < row + 20; i++) {
        expect(Math.abs((seen[i] ?? 0) - (values[i] ?? 0))).toBeLessThanOrEqual(step * 0.5001);
        const levels = (seen[i] ?? 0) / step;
        expect(levels).toBeCloseTo(Math.round(levels), 3);
      }
    }
  });

  it('leaves a row of zeros as it is', () => {
    const seen = quantizedActivations({ values: new Float32Array(4), width: 4 }, { kind: 'row' });
    expect(seen.values).toEqual(new Float32Array(4));
  });

  it('holds all that a GELU gives, in finer steps than a symmetric scale', () => {
    const values = Float32Array.of(-0.1699, -0.05, 0, 0.2, 3);
    const seen = quantizedActivations({ values, width: 5 }, { kind: 'row-gelu' }).values;
    values.forEach((value, i) => {
      expect(Math.abs((seen[i] ?? 0) - value)).toBeLessThanOrEqual((3 / 239) * 0.5001);
    });
  });

  it('clips to what a static scale can hold, and nothing else', () => {
    const scale = { kind: 'static', scale: 0.5, zeroPoint: 128 } as const;
    const seen = quantizedActivations({ values: Float32Array.of(-64, 63.5, 70, -90, 1.2), width: 5 }, scale).values;
    expect(seen).toEqual(Float32Array.of(-64, 63.5, 63.5, -64, 1));
  });
});

describe('residualShift', () => {
  it('is the middle between the 0.1 and the 99.9 percentile of each channel', () => {
    // 0..1000 and one outlier in the second channel, which hardly counts.
    const values = new Float32Array(1001 * 2);
    for (let i = 0; i <= 1000; i++) values.set([i, i === 500 ? 1e6 : 4], 2 * i);
    expect(residualShift({ values, width: 2 })).toEqual(Float32Array.of(500, 4));
  });
});

describe('smoothingMultipliers', () => {
  it('gives every channel the same largest magnitude, by factors that are 1 on average', () => {
    const peaks = Float64Array.of(1, 3, 100);
    const multipliers = smoothingMultipliers(peaks);
    peaks.forEach((peak, i) => {
      expect(peak * (multipliers[i] ?? 0)).toBeCloseTo(multipliers[0] ?? NaN, 5);
    });
    expect(multipliers.reduce((product, value) => product * value, 1)).toBeCloseTo(1, 6);
  });

  it.each([
    [0, 1],
    [0, 0],
    [1e-40, 1e-38],
  ])('stays finite for channels that are hardly used: %s, %s', (...peaks) => {
    const multipliers = smoothingMultipliers(Float64Array.from(peaks));
    expect(multipliers.every((value) => Number.isFinite(value) && value > 0)).toBe(true);
  });
});

describe('splitChannels', () => {
  it.each([
    [1536, 64],
    [3072, 128],
    [4096, 176],
    [512, 16],
  ])('of %i channels takes the %i largest apart', (channels, outliers) => {
    const peaks = Float64Array.from({ length: channels }, () => Math.abs(next()));
    const [first, second] = splitChannels(peaks);
    expect(first).toHaveLength(outliers);
    expect(Uint32Array.from([...(first ?? []), ...(second ?? [])]).sort()).toEqual(
      Uint32Array.from({ length: channels }, (_, i) => i),
    );
    const least = Math.min(...Array.from(first ?? [], (channel) => peaks[channel] ?? 0));
    expect(Array.from(second ?? []).every((channel) => (peaks[channel] ?? 0) <= least)).toBe(true);
  });

  it('leaves narrow blocks in one part', () => {
    expect(splitChannels(new Float64Array(64))).toHaveLength(1);
  });
});
