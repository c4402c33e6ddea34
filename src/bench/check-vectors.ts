import { compareVectors } from '../vector/compare-vectors.js';
import type { BenchTarget, TargetCall } from './targets/target.js';
import type { Workload } from './workload/workload.js';

/** How far the vectors of a target are from the expected ones. */
export interface VectorCheck {
  readonly texts: number;
  /** Largest `maxAbsError` that passes. */
  readonly tolerance: number;
  /** Null where the vectors have different lengths. */
  readonly maxAbsError: number | null;
  readonly minCosine: number | null;
  readonly passed: boolean;
  /** One sentence. */
  readonly detail: string;
}

/** Enough to notice another model, pooling, prompt or limit: texts of every part take part. */
const MOST_TEXTS = 64;
/** Servers limit the texts of a request; none is known to take fewer. */
const TEXTS_PER_CALL = 16;

/**
 * Compares the vectors of two targets for the first texts of every part of a workload. A difference beyond the
 * tolerance is a check that did not pass, not an error; errors are those of the targets.
 */
export async function checkVectors(
  target: BenchTarget,
  expected: BenchTarget,
  workload: Workload,
  tolerance: number,
  call: TargetCall,
): Promise<VectorCheck> {
  const share = Math.max(1, Math.floor(MOST_TEXTS / workload.parts.length));
  const texts = workload.parts.flatMap(({ calls }) => calls.flat().slice(0, share));
  const got = await vectorsOf(target, texts, call);
  const wanted = await vectorsOf(expected, texts, call);
  const [left = 0, right = 0] = [got[0]?.length, wanted[0]?.length];
  if (left !== right) {
    const detail = `The vectors have ${left} dimensions where the library's have ${right}: another model.`;
    return { texts: texts.length, tolerance, maxAbsError: null, minCosine: null, passed: false, detail };
  }
  const { maxAbsError, minCosine } = compareVectors(got, wanted);
  const passed = maxAbsError <= tolerance;
  const detail = `${texts.length} vectors differ from the library's by at most ${maxAbsError.toExponential(1)}, cosine at least ${minCosine.toFixed(6)}; ${passed ? 'within' : 'beyond'} the tolerance of ${tolerance}.`;
  return { texts: texts.length, tolerance, maxAbsError, minCosine, passed, detail };
}

async function vectorsOf(
  target: BenchTarget,
  texts: readonly string[],
  call: TargetCall,
): Promise<readonly ArrayLike<number>[]> {
  const vectors: ArrayLike<number>[] = [];
  for (let begin = 0; begin < texts.length; begin += TEXTS_PER_CALL) {
    const answer = await target.embed(texts.slice(begin, begin + TEXTS_PER_CALL), call);
    vectors.push(...answer.vectors);
  }
  return vectors;
}
