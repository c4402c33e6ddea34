import { randomUUID } from 'node:crypto';
import { type EmbeddingSpace, spaceIdentity } from '../../../models/embedding-space.js';
import { searchDigest } from '../search-digest.js';
import type { StoredMemory } from '../store.js';
import { currentSpace, otherSpace } from './current-space.js';
import { floatsOf, RECORD_COLUMNS, recordOfRow, type RecordRow } from './record-rows.js';
import { SqliteConnection } from './sqlite-connection.js';

/** A memory that was changed, as it is now. */
export interface PendingChange {
  /** Grows with every change, and is never used twice. */
  readonly serial: number;
  readonly id: string;
  /** Undefined if it is no longer there. */
  readonly memory: StoredMemory | undefined;
}

/** A change that the other side has. */
export interface SentChange {
  readonly serial: number;
  readonly id: string;
  /** Of the memory as it was sent. */
  readonly digest: string;
}

/** Another side that follows a file. */
export interface OutboxTarget {
  /** Where it is: an address without secrets. */
  readonly target: string;
  /** Whether it holds nothing of the file, and is sent all of it. */
  readonly isEmpty: boolean;
}

/**
 * The outbox is made in the file by the first program that wants one. Triggers fill it in the transaction of the change itself, whoever
 * makes it: a program that knows nothing of the other side, too. Every way of putting a memory writes its vector, and every way of
 * changing one sets `modified_at`. Nothing here can conflict: what stands in `INSERT OR ...` would reach into a trigger.
 */
const ENQUEUE = (id: string): string => `DELETE FROM outbox WHERE id = ${id}; INSERT INTO outbox (id) VALUES (${id});`;
const ENQUEUE_ALL = `
  DELETE FROM outbox WHERE id IN (SELECT id FROM records);
  INSERT INTO outbox (id) SELECT id FROM records ORDER BY number;`;
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS outbox (serial INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE IF NOT EXISTS outbox_target (store TEXT NOT NULL, target TEXT NOT NULL) STRICT;
  CREATE TRIGGER IF NOT EXISTS outbox_of_vectors AFTER INSERT ON vectors
  WHEN EXISTS (SELECT 1 FROM spaces WHERE id = NEW.space AND is_current = 1) BEGIN
    ${ENQUEUE('(SELECT id FROM records WHERE number = NEW.record)')}
  END;
  CREATE TRIGGER IF NOT EXISTS outbox_of_changes AFTER UPDATE OF modified_at ON records BEGIN ${ENQUEUE('NEW.id')} END;
  CREATE TRIGGER IF NOT EXISTS outbox_of_removals AFTER DELETE ON records BEGIN ${ENQUEUE('OLD.id')} END;
  CREATE TRIGGER IF NOT EXISTS outbox_of_spaces AFTER UPDATE OF is_current ON spaces BEGIN ${ENQUEUE_ALL} END;`;

/**
 * The changes of a file that another side has not been told of, synchronous: it lives on a thread of its own. A change stands here from
 * the transaction that makes it until the other side is known to have it.
 */
export class OutboxDatabase {
  readonly space: EmbeddingSpace;
  readonly #file: string;
  readonly #connection: SqliteConnection;

  /** For a file that a `SqliteDatabase` has opened. */
  constructor(file: string, space: EmbeddingSpace) {
    this.#file = file;
    this.space = space;
    this.#connection = new SqliteConnection(file);
  }

  /** Makes the outbox if there is none, and puts all memories into it for a side that is empty or new: the id of the file as a store. */
  attach({ target, isEmpty }: OutboxTarget): string {
    return this.#write(() => {
      this.#connection.script(SCHEMA);
      const known = this.#connection.all<{ readonly store: string; readonly target: string }>(
        'SELECT store, target FROM outbox_target',
      )[0];
      if (isEmpty || known?.target !== target) this.#connection.script(ENQUEUE_ALL);
      const store = known?.store ?? randomUUID();
      this.#connection.run('DELETE FROM outbox_target');
      this.#connection.run('INSERT INTO outbox_target (store, target) VALUES (?, ?)', [store, target]);
      return store;
    });
  }

  /** The serial of the newest change; 0 if none is pending. */
  newest(): number {
    return (
      this.#connection.all<{ readonly serial: number }>('SELECT MAX(serial) AS serial FROM outbox')[0]?.serial ?? 0
    );
  }

  pending(): number {
    return this.#connection.all<{ readonly count: number }>('SELECT COUNT(*) AS count FROM outbox')[0]?.count ?? 0;
  }

  /** The oldest changes, up to a serial. */
  take(limit: number, newest: number): PendingChange[] {
    return this.#write(() => this.#taken(limit, newest));
  }

  /** Memories that are to be sent again. */
  enqueue(ids: readonly string[]): void {
    this.#write(() => {
      for (const id of ids) this.#enqueue(id);
    });
  }

  /**
   * Takes changes out that the other side has. One that another process took out meanwhile may have been sent late, over a newer one:
   * where the memory is not what was sent, it is put in again.
   */
  settle(changes: readonly SentChange[]): void {
    this.#write(() => {
      for (const { serial, id, digest } of changes) {
        const taken = this.#connection.all('DELETE FROM outbox WHERE serial = ? RETURNING serial', [serial]);
        if (taken.length === 0 && searchDigest(this.#memory(id)) !== digest) this.#enqueue(id);
      }
    });
  }

  close(): void {
    this.#connection.close();
  }

  #taken(limit: number, newest: number): PendingChange[] {
    const rows = this.#connection.all<{ readonly serial: number; readonly id: string }>(
      'SELECT serial, id FROM outbox WHERE serial <= ? ORDER BY serial LIMIT ?',
      [newest, limit],
    );
    return rows.map(({ serial, id }) => ({ serial, id, memory: this.#memory(id) }));
  }

  #enqueue(id: string): void {
    this.#connection.run('DELETE FROM outbox WHERE id = ?', [id]);
    this.#connection.run('INSERT INTO outbox (id) VALUES (?)', [id]);
  }

  #memory(id: string): StoredMemory | undefined {
    const row = this.#connection.all<RecordRow & { readonly vector: Uint8Array }>(
      `SELECT ${RECORD_COLUMNS}, vectors.vector FROM records JOIN vectors ON vectors.record = records.number
       JOIN spaces ON spaces.id = vectors.space AND is_current = 1 WHERE records.id = ?`,
      [id],
    )[0];
    return row === undefined ? undefined : { record: recordOfRow(row), vector: floatsOf(row.vector) };
  }

  #write<T>(work: () => T): T {
    return this.#connection.immediately(() => {
      const current = currentSpace(this.#connection);
      if (current?.identity !== spaceIdentity(this.space)) throw otherSpace(this.#file, current, this.space);
      return work();
    });
  }
}
