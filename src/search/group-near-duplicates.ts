import { availableParallelism } from 'node:os';
import type { VectorFile } from '../files/vectors/vector-file.js';
import { IsovecError } from '../shared/isovec-error.js';
import { type Logger, silentLogger } from '../shared/log.js';
import type { ProgressListener } from '../shared/progress.js';
import { planComparison } from './near-duplicates/comparison-plan.js';
import { pairScore } from './near-duplicates/compare-pairs.js';
import type { DisjointSets } from './near-duplicates/disjoint-sets.js';
import { joinPairs } from './near-duplicates/join-pairs.js';
import { loadSharedVectors, megabytes } from './near-duplicates/load-shared-vectors.js';
import { SharedVectors } from './near-duplicates/shared-vectors.js';

/** How {@link groupNearDuplicates} compares. */
export interface NearDuplicateOptions {
  /** Least cosine of a pair, above 0 and up to 1. */
  readonly threshold: number;
  /** Worker threads; one per core by default. */
  readonly threads?: number | undefined;
  /** Most memory for the vectors; 4 GB by default, which 2.6 million vectors of 384 dimensions take. */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /** Told what memory the work takes, before it begins. */
  readonly logger?: Logger | undefined;
}

/** Vectors that are near duplicates of each other. */
export interface NearDuplicateGroup {
  /** Index of the first vector, which stands for the group. */
  readonly representative: number;
  /** The others, in order. */
  readonly duplicates: readonly NearDuplicate[];
}

/** A vector that another one stands for. */
export interface NearDuplicate {
  readonly index: number;
  /** Cosine to the representative; may be below the threshold where vectors between the two link them. */
  readonly score: number;
}

/** What {@link groupNearDuplicates} found. */
export interface NearDuplicates {
  /** Vectors that were compared. */
  readonly rows: number;
  /** Groups of two and more, by their representatives. */
  readonly groups: readonly NearDuplicateGroup[];
}

const DEFAULT_MAX_BYTES = 4e9;

/**
 * Groups the vectors of a file whose cosine is at or above a threshold. Exact: every pair counts. Groups are connected
 * components: two vectors are in one group if a chain of such pairs leads from one to the other. Scores are float32, as
 * `similarityMatrix` gives them. A zero vector is like no other, another zero vector neither.
 *
 * The vectors are held in memory (rows x dimensions float32), all pairs are compared on worker threads. CONFIG_INVALID for
 * an option, INPUT_INVALID beyond `maxBytes`, errors of {@link VectorFile.blocks}, ABORTED, WORKER_LOST.
 */
export async function groupNearDuplicates(file: VectorFile, options: NearDuplicateOptions): Promise<NearDuplicates> {
  const { threshold, signal, onProgress, logger = silentLogger } = options;
  const threads = options.threads ?? availableParallelism();
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  if (!(threshold > 0 && threshold <= 1)) {
    throw new IsovecError('CONFIG_INVALID', `threshold must be above 0 and at most 1, not ${threshold}.`);
  }
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw new IsovecError('CONFIG_INVALID', `threads must be a whole number >= 1, not ${threads}.`);
  }
  if (!(maxBytes > 0)) throw new IsovecError('CONFIG_INVALID', `maxBytes must be above 0, not ${maxBytes}.`);
  if (file.rows !== undefined) {
    const needed = megabytes(SharedVectors.bytes(file.rows, file.dimensions));
    logger.info(`Comparing ${file.rows} vectors of ${file.dimensions} dimensions takes ${needed} of memory.`);
  }
  const vectors = await loadSharedVectors(file, maxBytes, signal);
  const { count } = vectors;
  if (count < 2) return { rows: count, groups: [] };
  const { dimensions: chosen } = planComparison(vectors, threshold);
  const onShare = (share: number): void => {
    onProgress?.({ phase: 'compare', subject: file.name, done: Math.floor(share * count), total: count, unit: 'rows' });
  };
  onShare(0);
  const sets = await joinPairs(vectors, { threshold, chosen, threads, signal, onShare });
  return { rows: count, groups: groupsOf(sets, vectors) };
}

function groupsOf(sets: DisjointSets, vectors: SharedVectors): NearDuplicateGroup[] {
  const groups = new Map<number, NearDuplicate[]>();
  for (let index = 0; index < vectors.count; index++) {
    const representative = sets.find(index);
    if (representative === index) continue;
    const duplicates = groups.get(representative) ?? [];
    duplicates.push({ index, score: pairScore(vectors, representative, index) });
    groups.set(representative, duplicates);
  }
  return Array.from(groups, ([representative, duplicates]) => ({ representative, duplicates })).sort(
    (a, b) => a.representative - b.representative,
  );
}
