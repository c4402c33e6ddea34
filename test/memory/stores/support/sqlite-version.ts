import { readFileSync } from 'node:fs';

/** Where a SQLite file keeps `user_version`, big-endian (file format, 1.3). */
const USER_VERSION = 60;

/** The version of the schema of a file that no process has open. */
export function sqliteVersion(file: string): number {
  return readFileSync(file).readUInt32BE(USER_VERSION);
}
