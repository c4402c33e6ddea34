import { IsovecError } from '../../../shared/isovec-error.js';
import type { SqliteConnection } from './sqlite-connection.js';

/** "isov" in ASCII: marks a file as ours, so that no other program's file is written to. */
const APPLICATION_ID = 0x69736f76;

/** Steps from each version of the schema to the next; a file's `user_version` says how many it has been through. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE spaces (
    id INTEGER PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE,
    space TEXT NOT NULL,
    is_current INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE records (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    content TEXT NOT NULL,
    level INTEGER NOT NULL,
    kind TEXT NOT NULL,
    importance REAL NOT NULL,
    strength REAL NOT NULL,
    access_count INTEGER NOT NULL,
    source_path TEXT,
    source_type TEXT,
    parent_id TEXT,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    source_at INTEGER,
    accessed_at INTEGER,
    moment INTEGER NOT NULL GENERATED ALWAYS AS (COALESCE(source_at, created_at)) STORED,
    metadata TEXT NOT NULL,
    dimensions TEXT NOT NULL,
    checksum BLOB NOT NULL
  ) STRICT;
  CREATE INDEX records_by_source ON records (source_path);
  CREATE INDEX records_by_moment ON records (moment);
  CREATE TABLE tags (
    tag TEXT NOT NULL,
    record INTEGER NOT NULL REFERENCES records (number) ON DELETE CASCADE,
    PRIMARY KEY (tag, record)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tags_by_record ON tags (record);
  CREATE TABLE connections (
    source INTEGER NOT NULL REFERENCES records (number) ON DELETE CASCADE,
    target INTEGER NOT NULL REFERENCES records (number) ON DELETE CASCADE,
    type TEXT NOT NULL,
    weight REAL NOT NULL,
    bidirectional INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (source, target, type)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX connections_by_target ON connections (target);
  CREATE TABLE vectors (
    record INTEGER NOT NULL REFERENCES records (number) ON DELETE CASCADE,
    space INTEGER NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    vector BLOB NOT NULL,
    checksum BLOB NOT NULL,
    PRIMARY KEY (record, space)
  ) STRICT;
  CREATE TABLE codes (
    space INTEGER NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    chunk INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (space, chunk)
  ) STRICT;
  `,
];

/** The version that this program writes. */
const SCHEMA_VERSION: number = MIGRATIONS.length;

/**
 * Brings a file to {@link SCHEMA_VERSION}, in one transaction; a new file becomes one of ours. FORMAT_INVALID for a database of
 * another program, or of a later version of this one.
 */
export function migrate(connection: SqliteConnection, file: string): void {
  connection.immediately(() => {
    const version = connection.pragma('user_version');
    const application = connection.pragma('application_id');
    const tables = connection.all<{ count: number }>('SELECT COUNT(*) AS count FROM sqlite_master')[0]?.count ?? 0;
    if (tables > 0 && application !== APPLICATION_ID) {
      throw new IsovecError('FORMAT_INVALID', `${file} is a database of another program; name another file.`, {
        data: { file },
      });
    }
    if (version > SCHEMA_VERSION) {
      throw new IsovecError(
        'FORMAT_INVALID',
        `${file} was written by a later version of isovec (schema ${version}; this one reads up to ${SCHEMA_VERSION}). Update isovec.`,
        { data: { file, version } },
      );
    }
    if (version === SCHEMA_VERSION) return;
    for (const step of MIGRATIONS.slice(version)) connection.script(step);
    connection.script(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION};`);
  });
}
