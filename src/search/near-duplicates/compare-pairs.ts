import { dot } from '../../vector/similarity.js';
import type { DisjointSets } from './disjoint-sets.js';
import { packBlock } from './packed-block.js';
import type { SharedVectors } from './shared-vectors.js';
import { createTileKernel, TILE_COLUMNS, TILE_ROWS, type TileKernel } from './tile-kernel.js';

/** Rows and columns that are compared at a time: over the usual 64 dimensions, both stay in the caches of a core. */
export const BLOCK_ROWS = 512;
const BLOCK_COLUMNS = 256;

/**
 * Bounds the errors of a bound in float32: as many roundings as there are dimensions, each of 2^-24 of at most 1
 * (Higham, Accuracy and Stability of Numerical Algorithms, 3.1), and those of the unit vectors and rests; twice that.
 */
function marginOf(dimensions: number): number {
  return (dimensions + 64) * 2 ** -23;
}

/** Cosine of two vectors, rounded as `similarityMatrix` rounds it: equal vectors have exactly 1. */
export function pairScore(vectors: SharedVectors, a: number, b: number): number {
  return Math.fround(dot(vectors.row(a), vectors.row(b)) / vectors.divisor(a) / vectors.divisor(b));
}

/** Compares blocks of rows with all rows behind them, and joins what is at or above a threshold. */
export class PairComparison {
  readonly #vectors: SharedVectors;
  readonly #threshold: number;
  readonly #chosen: Int32Array;
  readonly #kernel: TileKernel;
  readonly #sets: DisjointSets;

  private constructor(
    vectors: SharedVectors,
    threshold: number,
    chosen: Int32Array,
    kernel: TileKernel,
    sets: DisjointSets,
  ) {
    this.#vectors = vectors;
    this.#threshold = threshold;
    this.#chosen = chosen;
    this.#kernel = kernel;
    this.#sets = sets;
  }

  /** `chosen` are the dimensions of a comparison plan. */
  static async create(
    vectors: SharedVectors,
    threshold: number,
    chosen: readonly number[],
    sets: DisjointSets,
  ): Promise<PairComparison> {
    const size = { rows: BLOCK_ROWS, columns: BLOCK_COLUMNS, dimensions: chosen.length };
    const kernel = await createTileKernel(size);
    return new PairComparison(vectors, Math.fround(threshold), Int32Array.from(chosen), kernel, sets);
  }

  /** Compares the rows of a block with each other and with all behind it, until it is told to stop. */
  compareBlock(block: number, isStopped: () => boolean): void {
    const { count } = this.#vectors;
    const begin = block * BLOCK_ROWS;
    const end = Math.min(begin + BLOCK_ROWS, count);
    const rows = { values: this.#kernel.rows, rests: this.#kernel.rowRests, group: TILE_ROWS };
    const columns = { values: this.#kernel.columns, rests: this.#kernel.columnRests, group: TILE_COLUMNS };
    const packedRows = packBlock(this.#vectors, begin, end, this.#chosen, rows);
    const limit = this.#threshold - marginOf(this.#chosen.length);
    for (let first = begin; first < count && !isStopped(); first += BLOCK_COLUMNS) {
      const last = Math.min(first + BLOCK_COLUMNS, count);
      const packedColumns = packBlock(this.#vectors, first, last, this.#chosen, columns);
      const tiles = this.#kernel.compare(packedRows, packedColumns, limit);
      this.#joinFound(tiles, packedRows / TILE_ROWS, begin, first);
    }
  }

  #joinFound(tiles: number, rowGroups: number, begin: number, first: number): void {
    const { found } = this.#kernel;
    for (let index = 0; index < tiles; index++) {
      const tile = found[2 * index] ?? 0;
      const row = begin + (tile % rowGroups) * TILE_ROWS;
      const column = first + Math.floor(tile / rowGroups) * TILE_COLUMNS;
      // From the lowest bit to the highest, each cleared when it was looked at.
      for (let pairs = found[2 * index + 1] ?? 0; pairs !== 0; pairs = (pairs & (pairs - 1)) >>> 0) {
        const bit = 31 - Math.clz32(pairs & -pairs);
        this.#joinPair(row + Math.floor(bit / TILE_COLUMNS), column + (bit % TILE_COLUMNS));
      }
    }
  }

  #joinPair(a: number, b: number): void {
    // Every pair is met once from either side where a block meets itself; and beyond the end there are zeros.
    if (b <= a || b >= this.#vectors.count) return;
    // Groups are what counts, so a pair of one group need not be looked at.
    if (this.#sets.find(a) === this.#sets.find(b)) return;
    if (pairScore(this.#vectors, a, b) >= this.#threshold) this.#sets.join(a, b);
  }
}
