import { IsovecError } from '../../../shared/isovec-error.js';
import { COGNITIVE_DIMENSIONS } from '../cognitive-dimensions.js';
import { digestOfName, type FusionWeights } from './fusion-weights.js';

/** 2^32: seeds, and the numbers that the generator gives, are below it. */
const RANGE = 2 ** 32;

/**
 * A random layer, for comparison: every weight uniform in [-a, a) with a = sqrt(6 / (inputs + outputs)) (Glorot and Bengio
 * 2010, formula 16), row after row from the generator mulberry32 that begins with `seed`, no bias. The same seed gives the
 * same layer on every machine. CONFIG_INVALID for a seed that is no whole number from 0 to 4294967295.
 */
export function xavierFusion(seed: number): FusionWeights {
  if (!Number.isInteger(seed) || seed < 0 || seed >= RANGE) {
    throw new IsovecError('CONFIG_INVALID', `xavierFusion: seed must be a whole number from 0 to ${RANGE - 1}.`, {
      data: { option: 'seed' },
    });
  }
  const name = `xavier-1 seed ${seed}`;
  return {
    name,
    digest: digestOfName(name),
    layer: (semanticDimensions) => {
      const size = semanticDimensions + COGNITIVE_DIMENSIONS.length;
      const bound = Math.sqrt(6 / (size + size));
      const next = mulberry32(seed);
      return {
        size,
        matrix: { kind: 'full', values: Float32Array.from({ length: size * size }, () => (2 * next() - 1) * bound) },
        bias: new Float32Array(size),
        normWeight: new Float32Array(size).fill(1),
        normBias: new Float32Array(size),
      };
    },
  };
}

/** Numbers in [0, 1) by Tommy Ettinger's mulberry32, in 32-bit integers alone. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / RANGE;
  };
}
