import type { Bridge, Recalled } from '../server/memory-answers.js';
import { formatScore } from '../views/numbers.js';

/** A share that is shown as 100 % says nothing. */
const WHOLE = 0.995;

/** What the score of a memory is made of, in words; `nameOf` gives what another memory is called beside it. */
export function activationWords(
  { similarity, access, importance, kept, spread }: Recalled['parts'],
  nameOf: (id: string) => string,
): string {
  const terms = [
    `similarity ${formatScore(similarity)}`,
    ...(access > 0 ? [`accesses ${formatScore(access)}`] : []),
    ...(importance > 0 ? [`importance ${formatScore(importance)}`] : []),
  ];
  const sum = terms.join(' + ');
  const own = kept >= WHOLE ? sum : `(${sum}) × ${formatScore(kept)} left by time`;
  if (spread === undefined) return own;
  const steps = spread.steps === 1 ? '' : ` over ${spread.steps} steps`;
  return `connected with ${nameOf(spread.from)}${steps}; alone: ${own}`;
}

/** What the score of a bridge is made of, in words. */
export function bridgeWords({ novelty, link, to }: Bridge['parts'], nameOf: (id: string) => string): string {
  const own = `novelty ${formatScore(novelty)}`;
  return link === 0 ? own : `${own}, link ${formatScore(link)} to ${nameOf(to)}`;
}
