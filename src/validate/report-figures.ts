import type {
  GroupSummary,
  ReferenceKind,
  ValidationCase,
  ValidationCheck,
  ValidationReport,
  VectorSource,
} from './validation-report.js';

/** How reports for people name a source of expected vectors. */
export const SOURCE_NAMES: Readonly<Record<VectorSource, string>> = {
  'python-float32': 'Python float32',
  'python-float64': 'Python float64',
  export: 'export',
  'own-float64': 'own float64',
};

/** How reports for people name a group of texts. */
export const GROUP_NAMES: Readonly<Record<GroupSummary['group'], string>> = {
  scenarios: 'scenarios',
  'golden-set': 'golden set',
  export: 'export',
};

/** Texts of an export that reports for people list: those with the largest errors. */
const MOST_LISTED = 10;

/** The cases that reports for people list: the scenarios; of an export, those with the largest errors. */
export function listedCases(kind: ReferenceKind, cases: readonly ValidationCase[]): readonly ValidationCase[] {
  if (kind !== 'export') return cases.filter(({ scenario }) => scenario);
  const error = ({ errors: [first] }: ValidationCase): number => first?.maxAbsError ?? Infinity;
  return [...cases].sort((a, b) => Number(error(b) > error(a)) - Number(error(b) < error(a))).slice(0, MOST_LISTED);
}

/** An error in three digits; null is a value that is not finite. */
export function figure(value: number | null | undefined): string {
  if (value === undefined) return '-';
  return value === null ? 'not finite' : value.toExponential(2);
}

/** A cosine in the digits that tell it from 1. */
export function cosineFigure(cosine: number): string {
  return cosine.toFixed(12);
}

/** What became of a text's length. */
export function cutFigure({ truncated, untruncatedTokens, tokens }: ValidationCase): string {
  return truncated ? `-${untruncatedTokens - tokens}` : '-';
}

/** Whether token ids agree, in a word. */
export function tokenIdsFigure({ tokenIds }: ValidationCase): string {
  return { same: 'same', different: 'differ', 'not-compared': '-' }[tokenIds];
}

/** `torch 2.15.0, numpy 2.4.6`, or nothing. */
export function versionList(versions: Readonly<Record<string, string>>): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

/** One line: what the validation came to. */
export function verdictLine({ verdict, checks, failedChecks }: ValidationReport): string {
  if (verdict === 'fail') return `FAIL: ${failedChecks.join(', ')}`;
  const count = (outcome: ValidationCheck['outcome']): number =>
    checks.filter((check) => check.outcome === outcome).length;
  const skipped = count('skipped');
  return `PASS: ${count('pass')} checks passed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}
