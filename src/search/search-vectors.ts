import type { VectorFile } from '../files/vectors/vector-file.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { ProgressListener } from '../shared/progress.js';
import { BestScores, type ScoredIndex } from '../vector/best-scores.js';
import { similarityMatrix, type VectorSimilarity } from '../vector/similarity.js';
import { type VectorSet, vectorsOf } from '../vector/vector-set.js';

/** How {@link searchVectors} searches. */
export interface SearchOptions {
  /** How many to find; a file of fewer gives all. */
  readonly k: number;
  readonly similarity: VectorSimilarity;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * The vectors of a file that are most similar to each query, best first, equal ones by index: exact, by one reading of
 * the file whatever the number of queries, in memory that does not grow with it. Scores are those of `similarityMatrix`.
 *
 * CONFIG_INVALID for k or the similarity; INPUT_INVALID for queries of other dimensions than the file's; errors of
 * {@link VectorFile.blocks}.
 */
export async function searchVectors(
  file: VectorFile,
  queries: VectorSet,
  { k, similarity, signal, onProgress }: SearchOptions,
): Promise<ScoredIndex[][]> {
  const vectors = vectorsOf(queries, 'queries');
  const best = vectors.map(() => new BestScores(k));
  const [query] = vectors;
  if (query !== undefined && query.length !== file.dimensions) {
    throw new IsovecError(
      'INPUT_INVALID',
      `The query has ${query.length} dimensions, the vectors of ${file.name} have ${file.dimensions}. Embed both with one model and the same --dimensions.`,
      { data: { query: query.length, file: file.dimensions } },
    );
  }
  for await (const { first, count, data } of file.blocks(signal)) {
    const scores = similarityMatrix(vectors, rowsOf(data, count), similarity);
    for (const [index, ranking] of best.entries()) offerAll(ranking, scores.data, index * count, first, count);
    onProgress?.({
      phase: 'search',
      subject: file.name,
      done: first + count,
      ...(file.rows === undefined ? {} : { total: file.rows }),
      unit: 'rows',
    });
  }
  return best.map((ranking) => ranking.sorted());
}

function rowsOf(data: Float32Array, count: number): Float32Array[] {
  const dimensions = data.length / count;
  return Array.from({ length: count }, (_, row) => data.subarray(row * dimensions, (row + 1) * dimensions));
}

function offerAll(ranking: BestScores, scores: Float32Array, begin: number, first: number, count: number): void {
  for (let row = 0; row < count; row++) ranking.offer(first + row, scores[begin + row] ?? 0);
}
