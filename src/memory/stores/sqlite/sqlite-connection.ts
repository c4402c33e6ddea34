import { createRequire } from 'node:module';
import { errorMessage, IsovecError, isIsovecError } from '../../../shared/isovec-error.js';
import { missingPackage } from '../../../shared/missing-package.js';

/** What can be bound to a statement, and what a row holds. */
export type SqliteValue = string | number | Uint8Array | null;
/** A row by column. */
export type SqliteRow = Readonly<Record<string, SqliteValue>>;

/** The part of libsql's interface that is used here; its package has no complete types. */
interface Statement {
  all(parameters: readonly SqliteValue[]): unknown[];
  run(parameters: readonly SqliteValue[]): unknown;
  raw(isRaw: boolean): Statement;
}
interface Database {
  prepare(sql: string): Statement;
  exec(sql: string): void;
  close(): void;
}
type DatabaseConstructor = new (file: string, options: { readonly timeout: number }) => Database;

/** Another process may hold the file for as long as its transaction takes; beyond it the caller should know. */
const BUSY_MILLISECONDS = 30_000;
/** Address space alone; what is mapped beyond the file costs nothing. */
const MAPPED_BYTES = 2 ** 31 - 1;
const require = createRequire(import.meta.url);

/** A connection to one SQLite file, synchronous: it lives on a thread of its own. Errors are `IsovecError`s. */
export class SqliteConnection {
  readonly file: string;
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();

  /** PACKAGE_MISSING, STORE_UNAVAILABLE, FORMAT_INVALID for a file that is no database. */
  constructor(file: string) {
    this.file = file;
    const Constructor = loadLibsql();
    try {
      this.#database = new Constructor(file, { timeout: BUSY_MILLISECONDS });
    } catch (cause) {
      throw this.#error(cause);
    }
    this.#try(() => {
      this.#database.exec(`PRAGMA busy_timeout = ${BUSY_MILLISECONDS}`);
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
      // Scans read the file in place.
      this.#database.exec(`PRAGMA mmap_size = ${MAPPED_BYTES}`);
    });
  }

  /** All rows. */
  all<Row extends object = SqliteRow>(sql: string, parameters: readonly SqliteValue[] = []): Row[] {
    return this.#try(() => (this.#statement(sql).all(parameters) as Row[]).map(withBytes));
  }

  run(sql: string, parameters: readonly SqliteValue[] = []): void {
    this.#try(() => this.#statement(sql).run(parameters));
  }

  /** Statements without parameters. */
  script(sql: string): void {
    this.#try(() => {
      this.#database.exec(sql);
    });
  }

  /** The number that a pragma gives. */
  pragma(name: string): number {
    return Number(Object.values(this.all(`PRAGMA ${name}`)[0] ?? {})[0] ?? 0);
  }

  /** Work that is done as a whole or not at all, with the file held from the beginning, so that two writers never both wait. */
  immediately<T>(work: () => T): T {
    this.script('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.script('COMMIT');
      return result;
    } catch (error) {
      // A full disk may have ended the transaction already.
      try {
        this.#database.exec('ROLLBACK');
      } catch {
        // Nothing is open.
      }
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #statement(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.#database.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw this.#error(cause);
    }
  }

  #error(cause: unknown): IsovecError {
    if (isIsovecError(cause)) return cause;
    const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    const message = errorMessage(cause);
    const options = { cause, data: { file: this.file, sqlite: code } };
    if (/^SQLITE_(CORRUPT|NOTADB|FORMAT)/.test(code)) {
      const wayOut = 'Restore a backup, or export what can be read: isovec memory verify.';
      return new IsovecError(
        'FORMAT_INVALID',
        `${this.file} is damaged or no SQLite file (${message}). ${wayOut}`,
        options,
      );
    }
    if (code.startsWith('SQLITE_FULL')) {
      return new IsovecError('STORAGE_FULL', `There is no room for ${this.file}. Free some, and try again.`, options);
    }
    if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
      return new IsovecError(
        'STORE_UNAVAILABLE',
        `Another process has held ${this.file} for ${BUSY_MILLISECONDS / 1000} seconds; try again.`,
        options,
      );
    }
    return new IsovecError('STORE_UNAVAILABLE', `${this.file} cannot be used: ${message}.`, options);
  }
}

/** libsql gives blobs as buffers without a view. */
function withBytes<Row extends object>(row: Row): Row {
  const entries = Object.entries(row);
  if (!entries.some(([, value]) => value instanceof ArrayBuffer)) return row;
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      value instanceof ArrayBuffer ? new Uint8Array(value) : (value as SqliteValue),
    ]),
  ) as Row;
}

/** The library, or PACKAGE_MISSING with the command that installs it. */
export function loadLibsql(): DatabaseConstructor {
  try {
    return require('libsql') as DatabaseConstructor;
  } catch (cause) {
    throw missingPackage('Memory in a file', ['libsql@0.5.29'], cause);
  }
}
