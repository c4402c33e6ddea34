import { openSqliteStore } from '../../../memory/stores/sqlite/sqlite-store.js';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import type { StoreFlags } from '../../memory/memory-flags.js';
import { fileOf, storePlaceOf } from '../../memory/store-place.js';

const WAY_OUT =
  'pg_dump --schema=NAME copies a schema of PostgreSQL; isovec memory export writes the memories of any store.';

/** `isovec memory backup` */
export async function backupMemories(target: string, flags: StoreFlags, context: CommandContext): Promise<ExitCode> {
  const { json, output, talk } = context;
  const file = fileOf(storePlaceOf(flags, context), WAY_OUT);
  const store = await openSqliteStore({ file });
  try {
    await store.backup(target);
  } finally {
    await store.close();
  }
  if (json) await output.json({ store: file, backup: target });
  else talk.info(`${target} holds what ${file} held.`);
  return 0;
}
