import { compareVectors } from '../vector/compare-vectors.js';
import type { Measurement } from './measure-model.js';
import type { ReferenceData, ReferenceVectors, Tolerance } from './reference-data.js';
import type { GroupSummary } from './validation-report.js';

/** Summaries per group of texts and source of expected vectors; a group without texts has none. */
export function groupSummaries(reference: ReferenceData, measurements: readonly Measurement[]): GroupSummary[] {
  const all = reference.texts.map((_, index) => index);
  const scenarios = all.filter((index) => reference.texts[index]?.scenario === true);
  const summaries: GroupSummary[] = [];
  for (const vectors of reference.vectors) {
    const add = (group: GroupSummary['group'], indexes: readonly number[], tolerance: Tolerance): void => {
      const summary = summarize(group, reference, measurements, vectors, indexes, tolerance);
      if (summary !== undefined) summaries.push(summary);
    };
    add('scenarios', scenarios, vectors.scenarioTolerance);
    // Where only scenarios have vectors, all texts are the same group once more.
    if (all.some((index) => vectors.rows[index] !== undefined && !scenarios.includes(index))) {
      add(reference.kind === 'export' ? 'export' : 'golden-set', all, vectors.tolerance);
    }
  }
  return summaries;
}

function summarize(
  group: GroupSummary['group'],
  reference: ReferenceData,
  measurements: readonly Measurement[],
  { source, rows }: ReferenceVectors,
  indexes: readonly number[],
  tolerance: Tolerance,
): GroupSummary | undefined {
  const pairs = indexes.flatMap((index) => {
    const [actual, expected] = [measurements[index]?.vector, rows[index]];
    return actual === undefined || expected === undefined ? [] : [{ index, actual, expected }];
  });
  if (pairs.length === 0) return undefined;
  const comparison = compareVectors(
    pairs.map(({ actual }) => actual),
    pairs.map(({ expected }) => expected),
  );
  const { maxAbsError, meanAbsError } = comparison;
  const worst = pairs[comparison.worstRow]?.index ?? 0;
  const scale = tolerance.relative ? largestMagnitude(pairs.map(({ expected }) => expected)) : 1;
  return {
    group,
    source,
    texts: pairs.length,
    limit: tolerance.value * scale,
    tolerance,
    maxAbsError: Number.isFinite(maxAbsError) ? maxAbsError : null,
    meanAbsError: Number.isFinite(meanAbsError) ? meanAbsError : null,
    minCosine: comparison.minCosine,
    maxCosineDistance: comparison.maxCosineDistance,
    worstText: reference.texts[worst]?.id ?? String(worst),
    nonFinite: comparison.nonFiniteRows,
  };
}

function largestMagnitude(rows: readonly ArrayLike<number>[]): number {
  let largest = 0;
  for (const row of rows) for (let i = 0; i < row.length; i++) largest = Math.max(largest, Math.abs(row[i] ?? 0));
  return largest;
}
