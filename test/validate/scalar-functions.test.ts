import { readFileSync } from 'node:fs';
import { activate, hiddenActivation, type ReferenceActivation } from '#src/validate/reference/activation.js';
import { erf } from '#src/validate/reference/erf.js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const points = z.array(z.tuple([z.number(), z.number()]));
/** Values from series in 60-digit decimal arithmetic, rounded once. */
const exact = z
  .object({ erf: points, activations: z.record(z.string(), points) })
  .parse(JSON.parse(readFileSync(new URL('fixtures/scalar-functions.json', import.meta.url), 'utf8')));

describe('erf', () => {
  it('is within 4e-16 of the exact value on all its pieces and at their borders', () => {
    for (const [x, value] of exact.erf) expect(Math.abs(erf(x) - value), `erf(${x})`).toBeLessThanOrEqual(4e-16);
  });

  it('is odd, bounded, and keeps NaN', () => {
    for (let x = 0; x < 8; x += 0.37) expect(erf(-x)).toBe(-erf(x));
    expect([erf(Infinity), erf(-Infinity), erf(1e300)]).toEqual([1, -1, 1]);
    expect(erf(Number.NaN)).toBeNaN();
  });
});

describe('activations', () => {
  const names = ['identity', 'tanh', 'relu', 'gelu', 'gelu_tanh', 'gelu_fast', 'sigmoid', 'silu'] as const;

  it.each(names)('%s is exact to float64 rounding', (name: ReferenceActivation) => {
    const wanted = exact.activations[name] ?? [];
    expect(wanted.length).toBeGreaterThan(10);
    const values = Float64Array.from(wanted, ([x]) => x);
    activate(values, name);
    for (const [i, [x, value]] of wanted.entries()) {
      expect(Math.abs((values[i] ?? Number.NaN) - value), `${name}(${x})`).toBeLessThanOrEqual(
        1e-15 * Math.max(1, Math.abs(value)),
      );
    }
  });

  it('do not overflow far from zero', () => {
    for (const name of names) {
      const values = Float64Array.of(-1e4, 1e4);
      activate(values, name);
      expect(values.every(Number.isFinite), name).toBe(true);
    }
  });

  it('are found under the names of config.json, and under no other', () => {
    expect(hiddenActivation('gelu_new')).toBe('gelu_tanh');
    expect(hiddenActivation('swish')).toBe('silu');
    expect(hiddenActivation('mish')).toBeUndefined();
    expect(hiddenActivation('constructor')).toBeUndefined();
  });
});
