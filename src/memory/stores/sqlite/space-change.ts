import { statSync } from 'node:fs';
import { type EmbeddingSpace, spaceIdentity } from '../../../models/embedding-space.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import type { MemoryRecord } from '../../memory-record.js';
import { migrate } from './migrations.js';
import { bytesOf, checksumOf, floatsOf, RECORD_COLUMNS, recordOfRow, type RecordRow } from './record-rows.js';
import { SqliteConnection } from './sqlite-connection.js';
import { VectorIndex } from './vector-index.js';

/** A memory that lacks a vector of the new space. */
export interface LackingVector {
  readonly record: MemoryRecord;
  /** Of its content: a vector is taken only while the content is still the same. */
  readonly checksum: Uint8Array;
}

/** Vectors that are read at a time while codes are made of them. */
const PAGE = 500;

/**
 * Gives all memories of a file vectors of another space, synchronous: it lives on a thread of its own. New vectors are kept beside
 * the old ones, which serve until the last one is there; then the file changes its space in one transaction. What was made stays
 * when the process is killed, and is gone on with.
 */
export class SpaceChange {
  readonly #connection: SqliteConnection;
  readonly space: EmbeddingSpace;
  readonly #id: number;
  #isHeld = false;

  /** NOT_FOUND for a file that is not there; as `SqliteDatabase`. */
  constructor(file: string, space: EmbeddingSpace) {
    this.space = space;
    if (statSync(file, { throwIfNoEntry: false }) === undefined) {
      throw new IsovecError('NOT_FOUND', `There is no memory at ${file}.`, { data: { file } });
    }
    this.#connection = new SqliteConnection(file);
    try {
      migrate(this.#connection, file);
      this.#id = this.#connection.immediately(() => this.#begin());
    } catch (error) {
      this.#connection.close();
      throw error;
    }
  }

  /** Memories without a vector of the new space, and how many there are in all. */
  lacking(limit: number): { readonly memories: LackingVector[]; readonly left: number } {
    const missing = 'NOT EXISTS (SELECT 1 FROM vectors WHERE record = records.number AND space = ?)';
    const rows = this.#connection.all<RecordRow>(
      `SELECT ${RECORD_COLUMNS} FROM records WHERE ${missing} ORDER BY number LIMIT ?`,
      [this.#id, limit],
    );
    const left = this.#connection.all<{ readonly count: number }>(
      `SELECT COUNT(*) AS count FROM records WHERE ${missing}`,
      [this.#id],
    )[0];
    return {
      memories: rows.map((row) => ({ record: recordOfRow(row), checksum: row.checksum })),
      left: left?.count ?? 0,
    };
  }

  /** Makes writers wait until {@link finish} succeeds or the file is closed, so that no memory comes that lacks a vector. */
  hold(): void {
    this.#connection.script('BEGIN IMMEDIATE');
    this.#isHeld = true;
  }

  /** Keeps vectors of memories whose content is still the one that they were made of. */
  keep(
    vectors: readonly { readonly id: string; readonly checksum: Uint8Array; readonly vector: Float32Array }[],
  ): void {
    this.#immediately(() => {
      for (const { id, checksum, vector } of vectors) {
        const bytes = bytesOf(vector);
        this.#connection.run(
          `INSERT OR REPLACE INTO vectors (record, space, vector, checksum)
           SELECT number, ?, ?, ? FROM records WHERE id = ? AND checksum = ?`,
          [this.#id, bytes, checksumOf(bytes), id, checksum],
        );
      }
    });
  }

  /** Makes the new space that of the file, unless a memory came meanwhile that lacks a vector of it: whether it did. */
  finish(): boolean {
    const isFinished = this.#immediately(() => {
      if (this.lacking(1).left > 0) return false;
      const index = new VectorIndex(this.#connection, this.#id, this.space.dimensions);
      this.#connection.run('DELETE FROM codes WHERE space = ?', [this.#id]);
      for (let after = 0; ;) {
        const rows = this.#connection.all<{ readonly record: number; readonly vector: Uint8Array }>(
          'SELECT record, vector FROM vectors WHERE space = ? AND record > ? ORDER BY record LIMIT ?',
          [this.#id, after, PAGE],
        );
        for (const { record, vector } of rows) index.put(record, floatsOf(vector));
        after = rows.at(-1)?.record ?? after;
        if (rows.length < PAGE) break;
      }
      index.flush();
      this.#connection.run('DELETE FROM spaces WHERE id <> ?', [this.#id]);
      this.#connection.run('UPDATE spaces SET is_current = 1 WHERE id = ?', [this.#id]);
      return true;
    });
    if (isFinished && this.#isHeld) this.#connection.script('COMMIT');
    return isFinished;
  }

  close(): void {
    this.#connection.close();
  }

  #immediately<T>(work: () => T): T {
    return this.#isHeld ? work() : this.#connection.immediately(work);
  }

  /** Number of the space: what was begun with it is gone on with, what was begun with another one is given up. */
  #begin(): number {
    const identity = spaceIdentity(this.space);
    this.#connection.run('DELETE FROM spaces WHERE is_current = 0 AND identity <> ?', [identity]);
    this.#connection.run('INSERT OR IGNORE INTO spaces (identity, space, is_current) VALUES (?, ?, 0)', [
      identity,
      JSON.stringify(this.space),
    ]);
    const row = this.#connection.all<{ readonly id: number }>('SELECT id FROM spaces WHERE identity = ?', [
      identity,
    ])[0];
    if (row === undefined) throw new IsovecError('INTERNAL', 'A space was put and has no number.');
    return row.id;
  }
}
