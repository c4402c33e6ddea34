import type { Measurement } from './measure-model.js';
import type { ReferenceData } from './reference-data.js';
import type { GroupSummary, ValidationCase, ValidationCheck } from './validation-report.js';

/** What the checks look at; `measurements` and `cases` go by the texts of the reference. */
export interface CheckInputs {
  readonly reference: ReferenceData;
  readonly measurements: readonly Measurement[];
  readonly cases: readonly ValidationCase[];
  readonly groups: readonly GroupSummary[];
  /** Whether vectors must have length 1. */
  readonly normalized: boolean;
}

/** float32 rounding of a few hundred squares, with room: sentence-transformers' own norms are within 1.3e-7. */
const NORM_TOLERANCE = 1e-6;
/** Ids that one detail lists; the cases of the report hold all. */
const MOST_LISTED = 5;

/** Every check of a validation, in the order in which they are read. */
export function judgeChecks(inputs: CheckInputs): ValidationCheck[] {
  return [
    checkModel(inputs),
    ...inputs.groups.map(checkGroup),
    checkTokenIds(inputs),
    checkTruncation(inputs),
    checkNeighbours(inputs),
    checkNorm(inputs),
    checkFinite(inputs),
  ].filter((check) => check !== undefined);
}

/** A golden set belongs to one model: the same weights, used in the same way. */
function checkModel({ reference }: CheckInputs): ValidationCheck | undefined {
  if (reference.kind !== 'golden') return undefined;
  const { differences } = reference;
  const same = 'Weights, pooling and limits are those that the golden set was made with.';
  return judged('same-model', differences, same, (list) => `The model differs from that of the golden set in ${list}.`);
}

function checkGroup({ group, source, maxAbsError, limit, texts, worstText }: GroupSummary): ValidationCheck {
  const name = `${group}/${source}`;
  if (maxAbsError === null) {
    return { name, outcome: 'fail', detail: `The vector of ${worstText} holds a value that is not finite.` };
  }
  const passed = maxAbsError <= limit;
  const figures = `${maxAbsError.toExponential(2)} at ${worstText}, limit ${limit.toExponential(2)}`;
  return { name, outcome: passed ? 'pass' : 'fail', detail: `Largest error over ${texts} texts: ${figures}.` };
}

function checkTokenIds({ cases }: CheckInputs): ValidationCheck {
  const compared = cases.filter(({ tokenIds }) => tokenIds !== 'not-compared');
  if (compared.length === 0) {
    return { name: 'token-ids', outcome: 'skipped', detail: 'The reference holds no token ids to compare with.' };
  }
  const different = compared.filter(({ tokenIds }) => tokenIds === 'different').map(({ id }) => id);
  return judged(
    'token-ids',
    different,
    `${compared.length} of ${cases.length} texts were compared; all have the same token ids.`,
    (list) => `${different.length} of ${compared.length} texts have other token ids: ${list}.`,
  );
}

/** The model's report, its tokenizer and what is known of the text must agree on whether and how much was cut. */
function checkTruncation({ reference, measurements, cases }: CheckInputs): ValidationCheck {
  const disagreeing = measurements.flatMap(({ tokens, truncated, tokenized }, index) => {
    const { id = String(index), inputIds, untruncatedLength } = reference.texts[index] ?? {};
    const agree =
      tokens === tokenized.tokenCount &&
      truncated === tokenized.fullTokenCount > tokens &&
      (inputIds === undefined || inputIds.length === tokens) &&
      (untruncatedLength === undefined || untruncatedLength === tokenized.fullTokenCount);
    return agree ? [] : [id];
  });
  const cut = cases.filter(({ truncated }) => truncated).length;
  return judged(
    'truncation',
    disagreeing,
    `${cut} of ${cases.length} texts were cut to the limit, and reported as cut.`,
    (list) => `Token counts or flags of ${disagreeing.length} texts are wrong: ${list}.`,
  );
}

function checkNeighbours({ cases }: CheckInputs): ValidationCheck {
  const tried = cases.filter(({ bitIdentical }) => bitIdentical !== null);
  const different = tried.filter(({ bitIdentical }) => bitIdentical === false).map(({ id }) => id);
  return judged(
    'neighbours',
    different,
    `${tried.length} texts have the same bits alone, in one batch and among concurrent calls.`,
    (list) => `The vectors of ${different.length} texts depend on what is embedded beside them: ${list}.`,
  );
}

function checkNorm({ reference, measurements, normalized }: CheckInputs): ValidationCheck {
  if (!normalized) {
    return { name: 'norm', outcome: 'skipped', detail: 'The model does not normalise its vectors.' };
  }
  const norms = measurements.map(({ vector }) => Math.hypot(...vector));
  const odd = norms.flatMap((norm, index) =>
    Math.abs(norm - 1) <= NORM_TOLERANCE ? [] : [reference.texts[index]?.id ?? String(index)],
  );
  return judged(
    'norm',
    odd,
    `All vectors have length 1 within ${NORM_TOLERANCE}.`,
    (list) => `${odd.length} vectors do not have length 1: ${list}.`,
  );
}

function checkFinite({ cases }: CheckInputs): ValidationCheck {
  const odd = cases.filter(({ finite }) => !finite).map(({ id }) => id);
  return judged(
    'finite',
    odd,
    'No vector holds a NaN or an infinity.',
    (list) => `${odd.length} vectors hold a NaN or an infinity: ${list}.`,
  );
}

function judged(
  name: string,
  failures: readonly string[],
  good: string,
  bad: (list: string) => string,
): ValidationCheck {
  if (failures.length === 0) return { name, outcome: 'pass', detail: good };
  const more = failures.length > MOST_LISTED ? ` and ${failures.length - MOST_LISTED} more` : '';
  return { name, outcome: 'fail', detail: bad(failures.slice(0, MOST_LISTED).join(', ') + more) };
}
