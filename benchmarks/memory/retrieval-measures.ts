/** How well a ranking answers a query, each in [0, 1]. */
export interface RetrievalMeasures {
  /** Relevant ones among the first five, of those that could be there. */
  readonly recallAt5: number;
  /** Discounted gain of the first ten over the best that could be had (Järvelin and Kekäläinen 2002), relevance 0 or 1. */
  readonly ndcgAt10: number;
}

/** Measures a ranking, the best first, against what is relevant. */
export function measureRanking(ranking: readonly number[], relevant: ReadonlySet<number>): RetrievalMeasures {
  const hits = ranking.slice(0, 5).filter((item) => relevant.has(item)).length;
  const gain = ranking.slice(0, 10).reduce((sum, item, at) => sum + (relevant.has(item) ? discount(at) : 0), 0);
  let best = 0;
  for (let at = 0; at < Math.min(10, relevant.size); at++) best += discount(at);
  return { recallAt5: hits / Math.min(5, relevant.size), ndcgAt10: gain / best };
}

/** The mean of each measure. */
export function meanMeasures(all: readonly RetrievalMeasures[]): RetrievalMeasures {
  const mean = (of: (measures: RetrievalMeasures) => number): number =>
    all.reduce((sum, measures) => sum + of(measures), 0) / all.length;
  return { recallAt5: mean(({ recallAt5 }) => recallAt5), ndcgAt10: mean(({ ndcgAt10 }) => ndcgAt10) };
}

function discount(at: number): number {
  return 1 / Math.log2(at + 2);
}
