import { statSync } from 'node:fs';
import { type EmbeddingSpace, parseEmbeddingSpace, spaceIdentity } from '../../../models/embedding-space.js';
import { parseJson } from '../../../formats/json/parse-json.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import type { MemoryFilter } from '../../memory-filter.js';
import type { MemoryConnection, MemoryRecord } from '../../memory-record.js';
import { unknownMemory } from '../check-change.js';
import { nearestFirst } from '../nearest-first.js';
import type { FoundMemory, MemoryPatch, StoreChange, StoreFault, StoreStatus } from '../store.js';
import { currentSpace, otherSpace, type SpaceRow } from './current-space.js';
import { filterSql } from './filter-sql.js';
import { migrate } from './migrations.js';
import {
  bytesOf,
  checksumOf,
  connectionOfRow,
  type ConnectionRow,
  floatsOf,
  INSERT_RECORD,
  RECORD_COLUMNS,
  recordOfRow,
  type RecordRow,
  valuesOf,
} from './record-rows.js';
import { loadLibsql, SqliteConnection, type SqliteValue } from './sqlite-connection.js';
import { VectorIndex } from './vector-index.js';

/**
 * Memories in one SQLite file, synchronous: it lives on a thread of its own. Each call is a transaction, which sees the file as
 * other processes have left it.
 */
export class SqliteDatabase {
  readonly #connection: SqliteConnection;
  readonly #file: string;
  readonly #space: SpaceRow;
  readonly #index: VectorIndex;

  /**
   * Opens a file, and makes it if a space is given and none is there. SPACE_MISMATCH for a file of another space than the
   * given one, NOT_FOUND without a space for a file that is not there, FORMAT_INVALID, STORE_UNAVAILABLE.
   */
  constructor(file: string, space: EmbeddingSpace | undefined) {
    this.#file = file;
    // First: without it nothing can be remembered either.
    loadLibsql();
    if (space === undefined && statSync(file, { throwIfNoEntry: false }) === undefined) {
      throw new IsovecError('NOT_FOUND', `There is no memory at ${file} yet; remember something first.`, {
        data: { file },
      });
    }
    this.#connection = new SqliteConnection(file);
    try {
      migrate(this.#connection, file);
      this.#space = this.#openSpace(space);
      this.#index = new VectorIndex(this.#connection, this.#space.id, this.space.dimensions);
    } catch (error) {
      this.#connection.close();
      throw error;
    }
  }

  /** That of every vector in the file. */
  get space(): EmbeddingSpace {
    return parseEmbeddingSpace(parseJson(new TextEncoder().encode(this.#space.space), this.#file), this.#file);
  }

  apply(change: StoreChange): void {
    this.#write(() => {
      for (const id of change.remove ?? []) this.#remove(id);
      for (const { record, vector } of change.put ?? []) this.#put(record, vector);
      for (const { id, fields, modifiedAt } of change.patch ?? []) this.#patch(id, fields, modifiedAt);
      for (const connection of change.connect ?? []) this.#connect(connection);
      for (const { from, to, type } of change.disconnect ?? []) {
        this.#connection.run(
          `DELETE FROM connections WHERE type = ? AND source = (SELECT number FROM records WHERE id = ?)
           AND target = (SELECT number FROM records WHERE id = ?)`,
          [type, from, to],
        );
      }
    });
  }

  get(ids: readonly string[]): (MemoryRecord | undefined)[] {
    const rows = this.#read(() =>
      this.#connection.all<RecordRow>(
        `SELECT ${RECORD_COLUMNS} FROM records WHERE id IN (SELECT value FROM json_each(?))`,
        [JSON.stringify(ids)],
      ),
    );
    const found = new Map(rows.map((row) => [row.id, recordOfRow(row)]));
    return ids.map((id) => found.get(id));
  }

  vectors(ids: readonly string[]): (Float32Array | undefined)[] {
    const rows = this.#read(() =>
      this.#connection.all<{ readonly id: string; readonly vector: Uint8Array }>(
        `SELECT id, vector FROM records JOIN vectors ON vectors.record = records.number AND vectors.space = ?
         WHERE id IN (SELECT value FROM json_each(?))`,
        [this.#space.id, JSON.stringify(ids)],
      ),
    );
    const found = new Map(rows.map(({ id, vector }) => [id, floatsOf(vector)]));
    return ids.map((id) => found.get(id));
  }

  search(query: Float32Array, limit: number, filter: MemoryFilter): FoundMemory[] {
    return this.#read(() => {
      const nearest = this.#index.nearest(query, limit, filter);
      if (nearest.length === 0) return [];
      const rows = this.#connection.all<RecordRow>(
        `SELECT ${RECORD_COLUMNS} FROM records WHERE number IN (SELECT value FROM json_each(?))`,
        [JSON.stringify(nearest.map(({ number }) => number))],
      );
      const records = new Map(rows.map((row) => [row.number, recordOfRow(row)]));
      return nearest
        .flatMap(({ number, similarity }): FoundMemory[] => {
          const record = records.get(number);
          return record === undefined ? [] : [{ record, similarity }];
        })
        .sort(nearestFirst)
        .slice(0, limit);
    });
  }

  list(filter: MemoryFilter, after: string, limit: number): MemoryRecord[] {
    const { where, parameters } = filterSql(filter);
    const sql = `SELECT ${RECORD_COLUMNS} FROM records WHERE id > ? AND ${where} ORDER BY id LIMIT ?`;
    return this.#read(() => this.#connection.all<RecordRow>(sql, [after, ...parameters, limit]).map(recordOfRow));
  }

  connections(ids: readonly string[]): MemoryConnection[] {
    const ends = JSON.stringify(ids);
    const numbers = 'SELECT number FROM records WHERE id IN (SELECT value FROM json_each(?))';
    return this.#read(() =>
      this.#connection
        .all<ConnectionRow>(
          `SELECT a.id AS from_id, b.id AS to_id, type, weight, bidirectional, connections.created_at
           FROM connections JOIN records AS a ON a.number = source JOIN records AS b ON b.number = target
           WHERE source IN (${numbers}) OR target IN (${numbers})`,
          [ends, ends],
        )
        .map(connectionOfRow),
    );
  }

  touch(ids: readonly string[], accessedAt: number): void {
    this.#write(() => {
      this.#connection.run(
        `UPDATE records SET access_count = access_count + 1, accessed_at = MAX(COALESCE(accessed_at, 0), ?)
         WHERE id IN (SELECT value FROM json_each(?))`,
        [accessedAt, JSON.stringify(ids)],
      );
    });
  }

  status(): StoreStatus {
    return this.#read(() => {
      const count = (sql: string, parameters: readonly SqliteValue[] = []): number =>
        this.#connection.all<{ readonly count: number }>(sql, parameters)[0]?.count ?? 0;
      const ofKind = (kind: string): number => count('SELECT COUNT(*) AS count FROM records WHERE kind = ?', [kind]);
      const ofLevel = (level: number): number =>
        count('SELECT COUNT(*) AS count FROM records WHERE level = ?', [level]);
      return {
        records: count('SELECT COUNT(*) AS count FROM records'),
        connections: count('SELECT COUNT(*) AS count FROM connections'),
        byKind: { episodic: ofKind('episodic'), semantic: ofKind('semantic') },
        byLevel: [ofLevel(0), ofLevel(1), ofLevel(2)],
        sources: this.#connection.all<{ readonly path: string; readonly type: string; readonly records: number }>(
          `SELECT source_path AS path, source_type AS type, COUNT(*) AS records FROM records
           WHERE source_path IS NOT NULL GROUP BY source_path ORDER BY source_path`,
        ),
        bytes: ['', '-wal'].reduce(
          (sum, end) => sum + (statSync(this.#file + end, { throwIfNoEntry: false })?.size ?? 0),
          0,
        ),
      };
    });
  }

  verify(): StoreFault[] {
    return this.#read(() => {
      const whole = this.#connection
        .all<{ readonly integrity_check: string }>('PRAGMA integrity_check')
        .filter(({ integrity_check: said }) => said !== 'ok')
        .map(({ integrity_check: fault }): StoreFault => ({ id: undefined, fault }));
      if (this.#connection.all('PRAGMA foreign_key_check').length > 0) {
        whole.push({ id: undefined, fault: 'a tag, connection or vector belongs to no memory' });
      }
      return [...whole, ...this.#contentFaults()];
    });
  }

  /** Writes a copy of the file as it is now, in one piece, beside whatever others write. STORE_UNAVAILABLE if `target` is there. */
  backup(target: string): void {
    if (statSync(target, { throwIfNoEntry: false }) !== undefined) {
      throw new IsovecError('STORE_UNAVAILABLE', `${target} is there already; name a file that is not.`, {
        data: { file: target },
      });
    }
    this.#connection.run('VACUUM INTO ?', [target]);
  }

  close(): void {
    this.#connection.close();
  }

  #contentFaults(): StoreFault[] {
    const faults: StoreFault[] = [];
    const coded = this.#index.codedNumbers();
    const rows = this.#connection.all<{ readonly number: number }>('SELECT number FROM records ORDER BY number');
    for (const { number } of rows) {
      const row = this.#connection.all<
        RecordRow & { readonly vector: Uint8Array | null; readonly vector_checksum: Uint8Array | null }
      >(
        `SELECT ${RECORD_COLUMNS}, vectors.vector, vectors.checksum AS vector_checksum FROM records
         LEFT JOIN vectors ON vectors.record = records.number AND vectors.space = ? WHERE number = ?`,
        [this.#space.id, number],
      )[0];
      if (row === undefined) continue;
      coded.delete(number);
      const { id, vector, vector_checksum: known } = row;
      if (!isEqual(row.checksum, checksumOf(id, row.content)))
        faults.push({ id, fault: 'its content is not what was written' });
      if (vector === null || known === null) faults.push({ id, fault: 'it has no vector' });
      else if (!isEqual(known, checksumOf(vector))) faults.push({ id, fault: 'its vector is not what was written' });
      else if (!this.#index.isCoded(number, floatsOf(vector)))
        faults.push({ id, fault: 'its code is not that of its vector' });
    }
    if (coded.size > 0) faults.push({ id: undefined, fault: `${coded.size} codes belong to no memory` });
    return faults;
  }

  #remove(id: string): void {
    const number = this.#numberOf(id);
    if (number === undefined) return;
    this.#index.remove(number);
    this.#connection.run('DELETE FROM records WHERE number = ?', [number]);
  }

  #put(record: MemoryRecord, vector: Float32Array): void {
    const number = this.#connection.all<{ readonly number: number }>(INSERT_RECORD, valuesOf(record))[0]?.number;
    if (number === undefined) throw new IsovecError('INTERNAL', 'A record was put and has no number.');
    this.#replaceTags(number, record.tags);
    // Of other spaces, too: a vector that is being made anew must be made of the new content.
    this.#connection.run('DELETE FROM vectors WHERE record = ?', [number]);
    const bytes = bytesOf(vector);
    this.#connection.run('INSERT INTO vectors (record, space, vector, checksum) VALUES (?, ?, ?, ?)', [
      number,
      this.#space.id,
      bytes,
      checksumOf(bytes),
    ]);
    this.#index.put(number, vector);
  }

  #patch(id: string, fields: MemoryPatch, modifiedAt: number): void {
    const number = this.#numberOf(id);
    if (number === undefined) throw unknownMemory(id);
    const { level, kind, importance, strength, tags, metadata } = fields;
    const columns = {
      level,
      kind,
      importance,
      strength,
      metadata: metadata && JSON.stringify(metadata),
      modified_at: modifiedAt,
    };
    for (const [column, value] of Object.entries(columns)) {
      if (value !== undefined)
        this.#connection.run(`UPDATE records SET ${column} = ? WHERE number = ?`, [value, number]);
    }
    if (tags !== undefined) this.#replaceTags(number, tags);
  }

  #replaceTags(number: number, tags: readonly string[]): void {
    this.#connection.run('DELETE FROM tags WHERE record = ?', [number]);
    this.#connection.run('INSERT OR IGNORE INTO tags (tag, record) SELECT value, ? FROM json_each(?)', [
      number,
      JSON.stringify(tags),
    ]);
  }

  #connect({ from, to, type, weight, bidirectional, createdAt }: MemoryConnection): void {
    const [source, target] = [from, to].map((id) => {
      const number = this.#numberOf(id);
      if (number === undefined) throw unknownMemory(id);
      return number;
    });
    this.#connection.run(
      `INSERT OR REPLACE INTO connections (source, target, type, weight, bidirectional, created_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
      [source ?? 0, target ?? 0, type, weight, bidirectional ? 1 : 0, createdAt],
    );
  }

  #numberOf(id: string): number | undefined {
    return this.#connection.all<{ readonly number: number }>('SELECT number FROM records WHERE id = ?', [id])[0]
      ?.number;
  }

  /** The current space of the file, which is the given one if there is none yet. */
  #openSpace(space: EmbeddingSpace | undefined): SpaceRow {
    return this.#connection.immediately(() => {
      if (space !== undefined && currentSpace(this.#connection) === undefined) {
        this.#connection.run('INSERT INTO spaces (identity, space, is_current) VALUES (?, ?, 1)', [
          spaceIdentity(space),
          JSON.stringify(space),
        ]);
      }
      const current = currentSpace(this.#connection);
      if (current === undefined) {
        throw new IsovecError('NOT_FOUND', `${this.#file} holds no memories yet; remember something first.`);
      }
      if (space !== undefined && current.identity !== spaceIdentity(space))
        throw otherSpace(this.#file, current, space);
      return current;
    });
  }

  #read<T>(work: () => T): T {
    this.#connection.script('BEGIN');
    try {
      this.#assertSpace();
      return work();
    } finally {
      this.#connection.script('ROLLBACK');
    }
  }

  #write(work: () => void): void {
    try {
      this.#connection.immediately(() => {
        this.#assertSpace();
        work();
        this.#index.flush();
      });
    } finally {
      this.#index.discard();
    }
  }

  /** Another process may have given all memories vectors of another space since the file was opened. */
  #assertSpace(): void {
    const current = currentSpace(this.#connection);
    if (current?.id !== this.#space.id) throw otherSpace(this.#file, current, this.space);
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
