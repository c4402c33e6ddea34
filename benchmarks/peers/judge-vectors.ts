import type { Correctness } from './results.js';

/** What a contestant gave for the golden texts, beside what it should have given. Rows are texts. */
export interface JudgedVectors {
  readonly expected: readonly Float32Array[];
  /** All texts in one list. */
  readonly together: readonly Float32Array[];
  /** Some texts, by their row, each in a list of its own. */
  readonly alone: ReadonlyMap<number, Float32Array>;
  /** The ids that the model must be fed. */
  readonly expectedIds: readonly (readonly number[])[];
  /** The ids that the contestant feeds it; undefined if it does not tell. */
  readonly ids: readonly (readonly number[])[] | undefined;
  /** Tokens of each whole text. */
  readonly untruncatedLengths: readonly number[];
  readonly maxSequenceLength: number;
  /** What the model gives if the first token stands for the text. */
  readonly firstToken: readonly Float32Array[];
  /** Whether weights are stored in 8 bits: what that costs is told by the cosines, and is no fault. */
  readonly isEightBit: boolean;
}

/** Float32 with padded batches stays below; Python's own differs from its single texts by a quarter of it. */
const NOISE = 1e-6;
/** Number formats of 16 bits keep the mean well above; what is below is another computation. */
const NEAR = 0.97;
/** Below this a mean in 8 bits says no more than that something is wrong. */
const NEAR_IN_EIGHT_BITS = 0.85;
/** No number format of 16 bits brings a single text below: it has another text's vector, or a broken one. */
const FAR = 0.8;
/** How much lower a group of texts must lie to be told apart from the rest. */
const APART = 0.01;

/** Whether vectors are right, and if not, why. */
export function judgeVectors(given: JudgedVectors): Correctness {
  const { expected, together, alone, untruncatedLengths, maxSequenceLength } = given;
  const cosines = expected.map((row, at) => cosine(row, together[at]));
  const errors = expected.map((row, at) => largestDifference(row, together[at]));
  const long = indexes(untruncatedLengths, (length) => length > maxSequenceLength);
  const otherIds = indexes(given.expectedIds, (ids, at) => !sameIds(ids, given.ids?.[at] ?? ids));
  const apart = new Set([...long, ...otherIds]);
  const rest = indexes(expected, (_, at) => !apart.has(at));
  const broken = indexes(expected, (row, at) => !isRowLike(row, together[at]) || !isRowLike(row, alone.get(at) ?? row));
  const near = given.isEightBit ? NEAR_IN_EIGHT_BITS : NEAR;
  const reasons: string[] = [];
  let wrong = broken.length > 0;
  if (wrong) reasons.push(`${broken.length} of ${expected.length} vectors are missing or not finite.`);

  const firstToken = mean(expected.map((_, at) => cosine(given.firstToken[at] ?? new Float32Array(0), together[at])));
  if (!wrong && mean(cosines) < near && firstToken > near) {
    wrong = true;
    reasons.push("It takes the first token's vector for the text's (CLS pooling), where this model takes the mean.");
  } else if (!wrong && mean(pick(cosines, rest)) < near) {
    wrong = true;
    reasons.push('Its vectors are of another computation altogether.');
  }
  // Who tells its ids is taken at its word; of others the vectors tell, unless 8 bits drown it.
  const uncut =
    given.ids?.some((ids) => ids.length > maxSequenceLength) ??
    (!given.isEightBit && mean(pick(cosines, long)) < mean(pick(cosines, rest)) - APART);
  if (!wrong && long.length > 0 && uncut) {
    wrong = true;
    const least = Math.min(...pick(cosines, long)).toFixed(3);
    reasons.push(
      `Texts of more than ${maxSequenceLength} tokens are not cut at the model's limit: cosine down to ${least}.`,
    );
  }
  const otherShort = otherIds.filter((at) => !long.includes(at));
  if (!wrong && otherShort.length > 0) {
    const least = Math.min(...pick(cosines, otherShort));
    wrong ||= least < near;
    const where = `${otherShort.length} of ${expected.length} texts get other token ids: cosine down to ${least.toFixed(3)}`;
    reasons.push(`${where}; the rest differs by at most ${Math.max(...pick(errors, rest)).toExponential(1)}.`);
  }
  const far = rest.filter((at) => (cosines[at] ?? 0) < FAR);
  if (!wrong && far.length > 0) {
    wrong = !given.isEightBit;
    const least = Math.min(...pick(cosines, far)).toFixed(3);
    reasons.push(`${far.length} of ${expected.length} texts get quite another vector: cosine down to ${least}.`);
  }
  const beside = Math.max(0, ...[...alone].map(([at, row]) => largestDifference(row, together[at])));
  if (beside > 10 * NOISE) {
    const least = Math.min(...[...alone].map(([at, row]) => cosine(row, together[at])));
    reasons.push(`A text's vector depends on its neighbours: cosine down to ${least.toFixed(4)} to itself alone.`);
  }
  const maxError = Math.max(...errors);
  return {
    verdict: wrong ? 'wrong' : maxError <= NOISE ? 'exact' : 'near',
    texts: expected.length,
    maxError,
    meanCosine: mean(cosines),
    minCosine: Math.min(...cosines),
    reasons,
  };
}

function indexes<T>(list: readonly T[], holds: (value: T, at: number) => boolean): number[] {
  return list.flatMap((value, at) => (holds(value, at) ? [at] : []));
}

function pick(numbers: readonly number[], at: readonly number[]): number[] {
  return at.map((index) => numbers[index] ?? NaN);
}

function sameIds(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((id, at) => right[at] === id);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

/** The largest difference of two components of unit vectors: what stands for rows that are missing or not finite. */
const UTMOST = 2;

function isRowLike(left: Float32Array, right: Float32Array | undefined): right is Float32Array {
  return right?.length === left.length && right.every((value) => Number.isFinite(value));
}

function largestDifference(left: Float32Array, right: Float32Array | undefined): number {
  if (!isRowLike(left, right)) return UTMOST;
  return left.reduce((most, value, at) => Math.max(most, Math.abs(value - (right[at] ?? 0))), 0);
}

function cosine(left: Float32Array, right: Float32Array | undefined): number {
  if (!isRowLike(left, right)) return -1;
  let [dot, leftSquares, rightSquares] = [0, 0, 0];
  for (const [at, value] of left.entries()) {
    const other = right[at] ?? 0;
    dot += value * other;
    leftSquares += value * value;
    rightSquares += other * other;
  }
  return leftSquares * rightSquares === 0 ? 0 : dot / Math.sqrt(leftSquares * rightSquares);
}
