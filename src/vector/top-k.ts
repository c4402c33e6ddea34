import { IsovecError } from '../shared/isovec-error.js';
import { BestScores, type ScoredIndex } from './best-scores.js';

/**
 * The `k` highest scores, best first, equal scores by index; all of them if there are fewer. Time n log k, memory k.
 * INPUT_INVALID, naming the index, for a NaN: it has no rank. CONFIG_INVALID unless k is a whole number >= 1.
 */
export function topK(scores: ArrayLike<number>, k: number): ScoredIndex[] {
  const best = new BestScores(k);
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index] ?? Number.NaN;
    if (Number.isNaN(score)) {
      throw new IsovecError('INPUT_INVALID', `Score ${index} is not a number, so it has no rank.`, { data: { index } });
    }
    best.offer(index, score);
  }
  return best.sorted();
}
