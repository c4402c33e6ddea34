import { judgeMeasurements } from '#src/validate/judge-measurements.js';
import type { Measurement } from '#src/validate/measure-model.js';
import type { ReferenceData } from '#src/validate/reference-data.js';
import { describe, expect, it } from 'vitest';

const tolerance = { value: 1e-6, relative: false };
const reference: ReferenceData = {
  kind: 'golden',
  description: 'three texts',
  versions: {},
  texts: ['a', 'b', 'c'].map((id, index) => ({
    id,
    label: '',
    text: id,
    scenario: index === 0,
    inputIds: [1, 2 + index, 3],
    untruncatedLength: index === 2 ? 9 : 3,
  })),
  vectors: [
    {
      source: 'python-float32',
      rows: [
        [1, 0],
        [0, 1],
        [0.6, 0.8],
      ],
      scenarioTolerance: tolerance,
      tolerance: { value: 2e-6, relative: false },
    },
  ],
  call: {},
  differences: [],
  notes: [],
};

function measurement(index: number, change: Partial<Measurement> = {}): Measurement {
  return {
    vector: Float32Array.from(reference.vectors[0]?.rows[index] ?? []),
    tokens: 3,
    truncated: index === 2,
    tokenized: {
      ids: Int32Array.of(1, 2 + index, 3),
      tokenCount: 3,
      fullTokenCount: index === 2 ? 9 : 3,
      truncated: index === 2,
    },
    sameAlone: true,
    sameConcurrent: true,
    ...change,
  };
}

const right = [measurement(0), measurement(1), measurement(2)];
const with1 = (change: Partial<Measurement>): Measurement[] => [measurement(0), measurement(1, change), measurement(2)];

describe('the verdict on measurements', () => {
  it('is a pass when everything agrees', () => {
    const judgement = judgeMeasurements(reference, right, true);
    expect(judgement).toMatchObject({ verdict: 'pass', failedChecks: [], truncatedTexts: ['c'] });
    expect(judgement.checks.every(({ outcome }) => outcome === 'pass')).toBe(true);
  });

  const far = Float32Array.of(0, 1 + 5e-6);
  it.each<[string, readonly Measurement[], readonly string[]]>([
    ['a vector too far off', with1({ vector: far }), ['golden-set/python-float32', 'norm']],
    [
      'a scenario too far off',
      [measurement(0, { vector: far.toReversed() }), ...right.slice(1)],
      ['scenarios/python-float32', 'golden-set/python-float32', 'norm'],
    ],
    ['a NaN', with1({ vector: Float32Array.of(Number.NaN, 1) }), ['golden-set/python-float32', 'norm', 'finite']],
    [
      'another token id',
      with1({ tokenized: { ids: Int32Array.of(1, 9, 3), tokenCount: 3, fullTokenCount: 3, truncated: false } }),
      ['token-ids'],
    ],
    [
      'a token too few',
      with1({ tokens: 2, tokenized: { ids: Int32Array.of(1, 3), tokenCount: 2, fullTokenCount: 2, truncated: false } }),
      ['token-ids', 'truncation'],
    ],
    ['a cut that was not reported', [...right.slice(0, 2), measurement(2, { truncated: false })], ['truncation']],
    ['a cut that did not happen', with1({ truncated: true }), ['truncation']],
    ['another count of tokens', with1({ tokens: 4 }), ['truncation']],
    ['other bits alone', with1({ sameAlone: false }), ['neighbours']],
    ['other bits among concurrent calls', with1({ sameConcurrent: false }), ['neighbours']],
  ])('is a failure for %s', (_, measurements, failedChecks) => {
    const judgement = judgeMeasurements(reference, measurements, true);
    expect(judgement.verdict).toBe('fail');
    expect(judgement.failedChecks).toEqual(failedChecks);
  });

  it('is a failure for a model that is not the one of the golden set', () => {
    const { failedChecks, checks } = judgeMeasurements({ ...reference, differences: ['checkpoint'] }, right, true);
    expect(failedChecks).toEqual(['same-model']);
    expect(checks[0]?.detail).toContain('checkpoint');
  });

  it('names the text that is furthest off, and nulls what is not finite', () => {
    const off = judgeMeasurements(reference, with1({ vector: far }), true).groups;
    expect(off.find(({ group }) => group === 'golden-set')).toMatchObject({ worstText: 'b', texts: 3, nonFinite: 0 });
    const broken = judgeMeasurements(reference, with1({ vector: Float32Array.of(Infinity, 1) }), true);
    expect(broken.groups.at(-1)).toMatchObject({ maxAbsError: null, worstText: 'b', nonFinite: 1, minCosine: -1 });
    expect(JSON.parse(JSON.stringify(broken))).toEqual(broken);
  });

  it('skips what cannot be judged', () => {
    const texts = reference.texts.map((text) => ({ ...text, inputIds: undefined, untruncatedLength: undefined }));
    const { checks, verdict } = judgeMeasurements({ ...reference, texts }, right, false);
    expect(checks.filter(({ outcome }) => outcome === 'skipped').map(({ name }) => name)).toEqual([
      'token-ids',
      'norm',
    ]);
    expect(verdict).toBe('pass');
  });

  it('measures a relative tolerance by the largest expected magnitude', () => {
    const rows = [
      [-50, 0],
      [0, 1],
      [2, 3],
    ];
    const relative = { value: 1e-3, relative: true };
    const vectors = [{ source: 'export', rows, scenarioTolerance: relative, tolerance: relative } as const];
    const measurements = rows.map((row, i) =>
      measurement(i, { vector: Float32Array.from(row, (value) => value + 0.04) }),
    );
    const judgement = judgeMeasurements({ ...reference, vectors, kind: 'export' }, measurements, false);
    expect(judgement.groups.map(({ group, limit }) => [group, limit])).toEqual([
      ['scenarios', 0.05],
      ['export', 0.05],
    ]);
    expect(judgement.verdict).toBe('pass');
  });
});
