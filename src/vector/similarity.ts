import { IsovecError } from '../shared/isovec-error.js';
import { euclideanNorm, SMALLEST_NORM } from './normalize.js';
import { requireSameDimensions, type VectorSet, vectorsOf } from './vector-set.js';

/** Similarity functions of sentence-transformers; the distances are negated, so that larger is always closer. */
export type VectorSimilarity = 'cosine' | 'dot' | 'euclidean' | 'manhattan';

/** Scores of every row of one set against every row of another. */
export interface SimilarityMatrix {
  /** Row-major, `rows * columns` values: `data[i * columns + j]` compares `a[i]` with `b[j]`. */
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** a.b / (max(|a|, 1e-12) max(|b|, 1e-12)), in float64. INPUT_INVALID for different lengths. */
export function cosine(a: Float32Array, b: Float32Array): number {
  return compareOne(a, b, 'cosine');
}

/** Sum of a_i b_i, in float64. INPUT_INVALID for different lengths. */
export function dot(a: Float32Array, b: Float32Array): number {
  return compareOne(a, b, 'dot');
}

/** Minus the Euclidean distance, in float64. INPUT_INVALID for different lengths. */
export function euclidean(a: Float32Array, b: Float32Array): number {
  return compareOne(a, b, 'euclidean');
}

/** Minus the sum of |a_i - b_i|, in float64. INPUT_INVALID for different lengths. */
export function manhattan(a: Float32Array, b: Float32Array): number {
  return compareOne(a, b, 'manhattan');
}

/**
 * Scores of all rows of `a` against all rows of `b`, accumulated in float64 (`sentence_transformers.util`: cos_sim,
 * dot_score, euclidean_sim, manhattan_sim). INPUT_INVALID for sets that are not float32 or differ in dimensions,
 * CONFIG_INVALID for an unknown name.
 */
export function similarityMatrix(a: VectorSet, b: VectorSet, name: VectorSimilarity): SimilarityMatrix {
  const left = vectorsOf(a, 'a');
  const right = vectorsOf(b, 'b');
  requireSameDimensions(left, right);
  const compare = comparison(name);
  const rightNorms = right.map((vector) => divisor(vector, name));
  const data = new Float32Array(left.length * right.length);
  let at = 0;
  for (const vector of left) {
    const norm = divisor(vector, name);
    for (const [j, other] of right.entries()) data[at++] = compare(vector, other) / norm / (rightNorms[j] ?? 1);
  }
  return { data, rows: left.length, columns: right.length };
}

/**
 * Score of row i of `a` against row i of `b`, accumulated in float64. INPUT_INVALID for sets of different size, of
 * different dimensions or not float32, CONFIG_INVALID for an unknown name.
 */
export function pairwiseSimilarity(a: VectorSet, b: VectorSet, name: VectorSimilarity): Float32Array {
  const left = vectorsOf(a, 'a');
  const right = vectorsOf(b, 'b');
  if (left.length !== right.length) {
    throw new IsovecError(
      'INPUT_INVALID',
      `Pairs need as many rows on both sides: a has ${left.length}, b has ${right.length}. similarityMatrix compares all with all.`,
    );
  }
  requireSameDimensions(left, right);
  const compare = comparison(name);
  return Float32Array.from(right, (other, i) => {
    const vector = left[i] ?? other;
    return compare(vector, other) / divisor(vector, name) / divisor(other, name);
  });
}

function compareOne(a: Float32Array, b: Float32Array, name: VectorSimilarity): number {
  requireSameDimensions(vectorsOf(a, 'a'), vectorsOf(b, 'b'));
  return comparison(name)(a, b) / divisor(a, name) / divisor(b, name);
}

function divisor(vector: Float32Array, name: VectorSimilarity): number {
  return name === 'cosine' ? Math.max(euclideanNorm(vector), SMALLEST_NORM) : 1;
}

const COMPARISONS: Readonly<Record<VectorSimilarity, (a: Float32Array, b: Float32Array) => number>> = {
  cosine: product,
  dot: product,
  euclidean: (a, b) => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) {
      const difference = (a[i] ?? 0) - (b[i] ?? 0);
      sum += difference * difference;
    }
    // Subtracted from zero because a sign would turn the distance of equal vectors into -0.
    return 0 - Math.sqrt(sum);
  },
  manhattan: (a, b) => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
    return 0 - sum;
  },
};

function comparison(name: VectorSimilarity): (a: Float32Array, b: Float32Array) => number {
  if (!Object.hasOwn(COMPARISONS, name)) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `Unknown similarity ${JSON.stringify(name)}: it is one of ${Object.keys(COMPARISONS).join(', ')}.`,
    );
  }
  return COMPARISONS[name];
}

/** Four sums side by side, because one would wait for each addition before the next. */
function product(a: Float32Array, b: Float32Array): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  const whole = a.length - (a.length % 4);
  for (let i = 0; i < whole; i += 4) {
    sum0 += (a[i] ?? 0) * (b[i] ?? 0);
    sum1 += (a[i + 1] ?? 0) * (b[i + 1] ?? 0);
    sum2 += (a[i + 2] ?? 0) * (b[i + 2] ?? 0);
    sum3 += (a[i + 3] ?? 0) * (b[i + 3] ?? 0);
  }
  for (let i = whole; i < a.length; i++) sum0 += (a[i] ?? 0) * (b[i] ?? 0);
  return sum0 + sum1 + (sum2 + sum3);
}
