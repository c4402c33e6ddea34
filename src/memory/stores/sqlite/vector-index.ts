import { BestScores } from '../../../vector/best-scores.js';
import { cosine } from '../../../vector/index.js';
import type { MemoryFilter } from '../../memory-filter.js';
import { filterSql } from './filter-sql.js';
import { Int8Scan } from './int8-scan.js';
import { floatsOf } from './record-rows.js';
import type { SqliteConnection, SqliteValue } from './sqlite-connection.js';
import { CHUNK_ROWS, codeDimensions, codeOf, codesOf, emptyChunk, scalesOf, writeRow } from './vector-codes.js';

/** A vector that is near a query. */
export interface NearVector {
  /** Number of its record. */
  readonly number: number;
  readonly similarity: number;
}

/** So few are compared one by one, which is exact and takes less than a scan. */
const FEW = 1000;
/** Near vectors by code that are compared exactly, for each one that is wanted, and beyond: what int8 may have put in a wrong order. */
const COMPARED_FOR_ONE = 2;
const COMPARED_BEYOND = 30;
/** Of so many times as many near vectors, a filter that most records meet leaves enough. */
const SPARE = 4;
/** Chunks that are read at a time: some megabytes. */
const CHUNKS_AT_A_TIME = 64;

/**
 * Finds near vectors among all of one space: a scan of int8 codes, which are a quarter of the vectors, then an exact comparison of
 * the nearest. The codes are in the file, in chunks by the numbers of records, and are changed with the vectors in one transaction:
 * every process sees those that belong to its snapshot, and nothing is kept in memory.
 */
export class VectorIndex {
  readonly #connection: SqliteConnection;
  readonly #space: number;
  readonly #dimensions: number;
  /** Chunks that the open transaction has changed. */
  readonly #changed = new Map<number, Uint8Array>();
  #scan: Int8Scan | undefined;

  constructor(connection: SqliteConnection, space: number, dimensions: number) {
    this.#connection = connection;
    this.#space = space;
    this.#dimensions = dimensions;
  }

  put(number: number, vector: Float32Array): void {
    writeRow(this.#chunk(number), number % CHUNK_ROWS, codeOf(vector));
  }

  remove(number: number): void {
    writeRow(this.#chunk(number), number % CHUNK_ROWS, undefined);
  }

  /** Writes what was changed; part of every transaction that changes vectors. */
  flush(): void {
    for (const [chunk, content] of this.#changed) {
      if (scalesOf(content).every((scale) => scale === 0)) {
        this.#connection.run('DELETE FROM codes WHERE space = ? AND chunk = ?', [this.#space, chunk]);
      } else {
        this.#connection.run('INSERT OR REPLACE INTO codes (space, chunk, content) VALUES (?, ?, ?)', [
          this.#space,
          chunk,
          content,
        ]);
      }
    }
    this.#changed.clear();
  }

  /** Forgets what was changed: the transaction did not come to its end. */
  discard(): void {
    this.#changed.clear();
  }

  /** The nearest vectors whose records meet a filter, and some more than are wanted; in no order. */
  nearest(query: Float32Array, limit: number, filter: MemoryFilter): NearVector[] {
    const numbers = this.#candidates(query, limit * COMPARED_FOR_ONE + COMPARED_BEYOND, filter);
    return this.#connection
      .all<{ readonly record: number; readonly vector: Uint8Array }>(
        'SELECT record, vector FROM vectors WHERE space = ? AND record IN (SELECT value FROM json_each(?))',
        [this.#space, JSON.stringify(numbers)],
      )
      .map(({ record, vector }) => ({ number: record, similarity: cosine(query, floatsOf(vector)) }));
  }

  /** Whether the code of a record is that of its vector. */
  isCoded(number: number, vector: Float32Array): boolean {
    const content = this.#stored(Math.floor(number / CHUNK_ROWS));
    if (content === undefined) return codeOf(vector).scale === 0;
    const expected = content.slice();
    writeRow(expected, number % CHUNK_ROWS, codeOf(vector));
    return expected.every((byte, at) => byte === content[at]);
  }

  /** Numbers of rows that have a code. */
  codedNumbers(): Set<number> {
    const numbers = new Set<number>();
    for (const { chunk, content } of this.#chunks()) {
      scalesOf(content).forEach((scale, row) => {
        if (scale !== 0) numbers.add(chunk * CHUNK_ROWS + row);
      });
    }
    return numbers;
  }

  /** Numbers of records that meet a filter, the nearest by code among them. */
  #candidates(query: Float32Array, wanted: number, filter: MemoryFilter): readonly number[] {
    const { where, parameters } = filterSql(filter);
    if (parameters.length === 0) return this.#scanned(query, wanted);
    const meeting = (condition: string, ...values: readonly SqliteValue[]): number[] => {
      // One text for all numbers: a row for each would take longer than the scan.
      const sql = `SELECT json_group_array(number) AS numbers FROM records WHERE ${condition} AND ${where}`;
      const row = this.#connection.all<{ readonly numbers: string }>(sql, [...values, ...parameters])[0];
      return JSON.parse(row?.numbers ?? '[]') as number[];
    };
    const near = this.#scanned(query, wanted * SPARE);
    const left = new Set(meeting('number IN (SELECT value FROM json_each(?))', JSON.stringify(near)));
    if (left.size >= wanted) return near.filter((number) => left.has(number)).slice(0, wanted);
    const allowed = meeting('1');
    return allowed.length <= Math.max(FEW, wanted) ? allowed : this.#scanned(query, wanted, allowed);
  }

  /** The nearest records by code, best first, among those that are allowed. */
  #scanned(query: Float32Array, wanted: number, allowed?: readonly number[]): number[] {
    const only = allowed === undefined ? undefined : bitmapOf(allowed);
    const scan = (this.#scan ??= new Int8Scan(codeDimensions(this.#dimensions), CHUNK_ROWS));
    const { values } = codeOf(query);
    scan.setQuery(values);
    const best = new BestScores(wanted);
    for (const { chunk, content } of this.#chunks()) {
      const products = scan.scan(codesOf(content));
      const scales = scalesOf(content);
      for (let row = 0; row < CHUNK_ROWS; row++) {
        const scale = scales[row] ?? 0;
        const number = chunk * CHUNK_ROWS + row;
        if (scale !== 0 && (only === undefined || only[number] === 1)) best.offer(number, (products[row] ?? 0) * scale);
      }
    }
    return best.sorted().map(({ index }) => index);
  }

  *#chunks(): Generator<{ readonly chunk: number; readonly content: Uint8Array }> {
    for (let after = -1; ;) {
      const rows = this.#connection.all<{ readonly chunk: number; readonly content: Uint8Array }>(
        'SELECT chunk, content FROM codes WHERE space = ? AND chunk > ? ORDER BY chunk LIMIT ?',
        [this.#space, after, CHUNKS_AT_A_TIME],
      );
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < CHUNKS_AT_A_TIME) return;
      after = last.chunk;
    }
  }

  #chunk(number: number): Uint8Array {
    const chunk = Math.floor(number / CHUNK_ROWS);
    const changed = this.#changed.get(chunk);
    if (changed !== undefined) return changed;
    const content = this.#stored(chunk) ?? emptyChunk(this.#dimensions);
    this.#changed.set(chunk, content);
    return content;
  }

  #stored(chunk: number): Uint8Array | undefined {
    return this.#connection
      .all<{ readonly content: Uint8Array }>('SELECT content FROM codes WHERE space = ? AND chunk = ?', [
        this.#space,
        chunk,
      ])[0]
      ?.content.slice();
  }
}

/** 1 at each of some numbers. */
function bitmapOf(numbers: readonly number[]): Uint8Array {
  const bitmap = new Uint8Array(numbers.reduce((most, number) => Math.max(most, number), 0) + 1);
  for (const number of numbers) bitmap[number] = 1;
  return bitmap;
}
