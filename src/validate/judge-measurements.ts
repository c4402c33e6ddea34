import { compareVectors, type RowComparison } from '../vector/compare-vectors.js';
import { groupSummaries } from './group-summaries.js';
import { judgeChecks } from './judge-checks.js';
import type { Measurement } from './measure-model.js';
import type { ReferenceData } from './reference-data.js';
import type { CaseError, ValidationCase, ValidationReport } from './validation-report.js';

/** The part of a report that follows from what was measured. */
export type Judgement = Pick<
  ValidationReport,
  'cases' | 'groups' | 'checks' | 'truncatedTexts' | 'verdict' | 'failedChecks'
>;

/**
 * Holds measurements against a reference: pure. `normalized` says whether the vectors must have length 1. One
 * measurement per text of the reference, in its order.
 */
export function judgeMeasurements(
  reference: ReferenceData,
  measurements: readonly Measurement[],
  normalized: boolean,
): Judgement {
  const cases = measurements.map((measurement, index) => judgeCase(reference, measurement, index));
  const groups = groupSummaries(reference, measurements);
  const checks = judgeChecks({ reference, measurements, cases, groups, normalized });
  const failedChecks = checks.filter(({ outcome }) => outcome === 'fail').map(({ name }) => name);
  return {
    cases,
    groups,
    checks,
    truncatedTexts: cases.filter(({ truncated }) => truncated).map(({ id }) => id),
    verdict: failedChecks.length === 0 ? 'pass' : 'fail',
    failedChecks,
  };
}

function judgeCase(reference: ReferenceData, measurement: Measurement, index: number): ValidationCase {
  const text = reference.texts[index];
  const { tokenized, vector, sameAlone, sameConcurrent } = measurement;
  return {
    id: text?.id ?? String(index),
    label: text?.label ?? '',
    scenario: text?.scenario ?? false,
    tokens: measurement.tokens,
    untruncatedTokens: tokenized.fullTokenCount,
    truncated: measurement.truncated,
    tokenIds: compareIds(tokenized.ids, text?.inputIds),
    finite: vector.every(Number.isFinite),
    bitIdentical: sameAlone === undefined || sameConcurrent === undefined ? null : sameAlone && sameConcurrent,
    errors: reference.vectors.flatMap(({ source, rows }) => {
      const expected = rows[index];
      if (expected === undefined) return [];
      return compareVectors([vector], [expected]).rows.map((row) => caseError(source, row));
    }),
  };
}

function compareIds(actual: Int32Array, expected: readonly number[] | undefined): ValidationCase['tokenIds'] {
  if (expected === undefined) return 'not-compared';
  return actual.length === expected.length && expected.every((id, i) => id === actual[i]) ? 'same' : 'different';
}

function caseError(source: CaseError['source'], row: RowComparison): CaseError {
  return {
    source,
    // JSON has no infinity.
    maxAbsError: row.finite ? row.maxAbsError : null,
    meanAbsError: row.finite ? row.meanAbsError : null,
    cosine: row.cosine,
    cosineDistance: row.cosineDistance,
  };
}
