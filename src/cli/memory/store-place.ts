import type { EmbeddingSpace } from '../../models/embedding-space.js';
import { openSqliteStore } from '../../memory/stores/sqlite/sqlite-store.js';
import type { QdrantStore } from '../../memory/stores/qdrant/qdrant-store.js';
import type { MemoryStore } from '../../memory/stores/store.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { CommandContext } from '../command-context.js';
import { readSecretFile } from '../read-secret-file.js';
import { isDatabaseAddress } from './database-address.js';
import type { StoreFlags } from './memory-flags.js';

/** Where the memories of a command are kept. */
export interface StorePlace {
  /** For people and JSON: a path, or an address without password. */
  readonly name: string;
  /** The SQLite file; undefined where there is none. */
  readonly file: string | undefined;
  /** Opens what is there, or, with a space, makes it. As the store that it is. */
  open(space?: EmbeddingSpace): Promise<MemoryStore>;
}

/** The place that flags and settings name: a file, a file with Qdrant, or a schema of PostgreSQL. CONFIG_INVALID. */
export function storePlaceOf(flags: StoreFlags, context: CommandContext): StorePlace {
  const place = flags.store ?? context.settings.memoryPlace;
  if (isDatabaseAddress(place)) {
    if (flags.qdrant === undefined) return postgresPlace(place, context);
    throw new IsovecError('CONFIG_INVALID', '--qdrant finds what is in a file; --store names a PostgreSQL database.');
  }
  return flags.qdrant === undefined ? filePlace(place) : qdrantPlace(place, flags.qdrant, context);
}

/** Opens a file that is there with the server that flags name. CONFIG_INVALID, and as `openQdrantStore`. */
export async function openQdrantOf(
  flags: StoreFlags & { readonly qdrant: string },
  context: CommandContext,
): Promise<QdrantStore> {
  return await openQdrant(fileOf(storePlaceOf(flags, context), ''), flags.qdrant, context);
}

/** The SQLite file of a place, for what is done with a file alone. CONFIG_INVALID with the way out. */
export function fileOf({ file }: StorePlace, wayOut: string): string {
  if (file !== undefined) return file;
  throw new IsovecError('CONFIG_INVALID', `This is for memories in a file. ${wayOut}`, { data: { option: 'store' } });
}

function filePlace(file: string): StorePlace {
  return { name: file, file, open: (space) => openSqliteStore({ file, ...withSpace(space) }) };
}

function qdrantPlace(file: string, qdrant: string, context: CommandContext): StorePlace {
  return { name: file, file, open: (space) => openQdrant(file, qdrant, context, space) };
}

async function openQdrant(
  file: string,
  address: string,
  { settings, talk }: CommandContext,
  space?: EmbeddingSpace,
): Promise<QdrantStore> {
  const { url, value: collection } = takeParameter(address, 'collection', '--qdrant');
  const apiKey = settings.qdrantApiKey ?? (await secretOf(settings.qdrantApiKeyFile, 'ISOVEC_QDRANT_API_KEY_FILE'));
  const { openQdrantStore } = await import('../../memory/stores/qdrant/qdrant-store.js');
  return await openQdrantStore({
    url: url.href,
    file,
    ...(collection === undefined ? {} : { collection }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...withSpace(space),
    onUndelivered: ({ message }) => {
      talk.warn(`What was changed is in ${file}, and Qdrant is told later: ${message}`);
    },
  });
}

function postgresPlace(address: string, { settings }: CommandContext): StorePlace {
  const { url, value: schema } = takeParameter(address, 'schema', '--store');
  const named = new URL(url);
  named.password = '';
  named.search = '';
  return {
    name: `${named.href}${schema === undefined ? '' : `?schema=${schema}`}`,
    file: undefined,
    open: async (space) => {
      const { openPgvectorStore } = await import('../../memory/stores/pgvector/pgvector-store.js');
      const connectionString = (await withPassword(url, settings.memoryPasswordFile)).href;
      return await openPgvectorStore({
        connectionString,
        ...(schema === undefined ? {} : { schema }),
        ...withSpace(space),
      });
    },
  };
}

/** An address with the password of a file, if it has none of its own. */
async function withPassword(url: URL, file: string | undefined): Promise<URL> {
  if (url.password !== '') return url;
  const password = await secretOf(file, 'ISOVEC_MEMORY_PASSWORD_FILE');
  if (password === undefined) return url;
  const whole = new URL(url);
  whole.password = encodeURIComponent(password);
  return whole;
}

async function secretOf(file: string | undefined, variable: string): Promise<string | undefined> {
  return file === undefined ? undefined : readSecretFile(file, variable);
}

/** An address without a parameter of our own, and the parameter. The address is not told: it may hold a password. */
function takeParameter(address: string, name: string, flag: string): { readonly url: URL; readonly value?: string } {
  if (!URL.canParse(address)) throw new IsovecError('CONFIG_INVALID', `What ${flag} names is no address.`);
  const url = new URL(address);
  const value = url.searchParams.get(name);
  url.searchParams.delete(name);
  return value === null ? { url } : { url, value };
}

function withSpace(space: EmbeddingSpace | undefined): { readonly space?: EmbeddingSpace } {
  return space === undefined ? {} : { space };
}
