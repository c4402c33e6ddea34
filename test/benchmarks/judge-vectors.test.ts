import { describe, expect, it } from 'vitest';

import { type JudgedVectors, judgeVectors } from '../../benchmarks/peers/judge-vectors.js';

/** Unit vectors in a plane: their cosines are those of the differences of their angles. */
function at(...degrees: number[]): Float32Array[] {
  return degrees.map((angle) => Float32Array.of(Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)));
}

/** Every row, as each text alone gives it. */
function alone(rows: readonly Float32Array[]): Map<number, Float32Array> {
  return new Map(rows.entries());
}

const EXPECTED = at(0, 10, 20, 30);
const RIGHT: JudgedVectors = {
  expected: EXPECTED,
  together: EXPECTED,
  alone: alone(EXPECTED),
  expectedIds: [[1], [2], [3], [4]],
  ids: undefined,
  untruncatedLengths: [5, 5, 5, 300],
  maxSequenceLength: 256,
  firstToken: at(90, 100, 110, 120),
  isEightBit: false,
};

function judged(change: Partial<JudgedVectors>): { readonly verdict: string; readonly reason: string } {
  const { verdict, reasons } = judgeVectors({ ...RIGHT, ...change });
  return { verdict, reason: reasons.join(' ') };
}

describe('vectors beside stored ones', () => {
  it('are exact if nothing differs', () => {
    expect(judgeVectors(RIGHT)).toEqual({
      verdict: 'exact',
      texts: 4,
      maxError: 0,
      meanCosine: expect.closeTo(1, 6) as number,
      minCosine: expect.closeTo(1, 6) as number,
      reasons: [],
    });
  });

  it.each([
    ['the first token', { together: RIGHT.firstToken, alone: alone(RIGHT.firstToken) }, 'wrong', 'CLS pooling'],
    ['another computation', { together: at(50, 60, 70, 80) }, 'wrong', 'another computation altogether'],
    ['no limit', { together: at(0, 10, 20, 80), alone: alone(at(0, 10, 20, 80)) }, 'wrong', 'not cut at the model'],
    ['a lost row', { together: at(0, 10, 20) }, 'wrong', '1 of 4 vectors are missing'],
    ['a number that is none', { together: [...at(0, 10, 20), Float32Array.of(NaN, 0)] }, 'wrong', 'not finite'],
    ['another neighbourhood', { alone: alone(at(0, 10, 20.5, 30)) }, 'exact', 'depends on its neighbours'],
    ['16 bits', { together: at(0.5, 10.5, 20.5, 30.5), alone: alone(at(0.5, 10.5, 20.5, 30.5)) }, 'near', ''],
  ] as const)('of %s', (_, change, verdict, reason) => {
    const found = judged(change);
    expect(found.verdict).toBe(verdict);
    expect(found.reason).toContain(reason);
  });

  it('of one text among many is wrong', () => {
    const expected = at(...Array.from({ length: 40 }, (_, index) => index));
    const together = expected.with(7, at(67)[0] ?? Float32Array.of());
    const found = judged({ expected, together, alone: alone(together), untruncatedLengths: [], expectedIds: [] });
    expect(found).toEqual({
      verdict: 'wrong',
      reason: '1 of 40 texts get quite another vector: cosine down to 0.500.',
    });
  });

  it('of texts that are not cut are told by their ids, where 8 bits hide it', () => {
    const long = Array.from({ length: 300 }, () => 1);
    const found = judged({ isEightBit: true, together: at(0, 10, 20, 60), ids: [[1], [2], [3], long] });
    expect(found.verdict).toBe('wrong');
    expect(found.reason).toContain('more than 256 tokens are not cut');
    expect(judged({ isEightBit: true, together: at(0, 10, 20, 60) }).verdict).toBe('near');
  });

  it('of texts with other token ids are told apart from the rest', () => {
    const found = judged({ ids: [[1], [2], [9], [4]], together: at(0, 10, 60, 30), alone: alone(at(0, 10, 60, 30)) });
    expect(found).toEqual({
      verdict: 'wrong',
      reason: '1 of 4 texts get other token ids: cosine down to 0.766; the rest differs by at most 0.0e+0.',
    });
  });

  it('in 8 bits may differ more', () => {
    const coarse = { together: at(20, 30, 40, 50), alone: alone(at(20, 30, 40, 50)) };
    expect(judged(coarse).verdict).toBe('wrong');
    expect(judged({ ...coarse, isEightBit: true })).toEqual({ verdict: 'near', reason: '' });
  });

  it('of zeros are wrong, and no figure is lost', () => {
    const zeros = EXPECTED.map(() => new Float32Array(2));
    const found = judgeVectors({ ...RIGHT, together: zeros, alone: alone(zeros) });
    expect(found).toMatchObject({ verdict: 'wrong', meanCosine: 0, minCosine: 0 });
  });
});
