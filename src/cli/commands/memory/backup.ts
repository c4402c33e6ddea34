import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import { type StoreFlags, storeFileOf } from '../../memory/memory-flags.js';
import { useStoredMemory } from '../../memory/use-stored-memory.js';

/** `isovec memory backup` */
export async function backupMemories(target: string, flags: StoreFlags, context: CommandContext): Promise<ExitCode> {
  const { json, output, talk } = context;
  await useStoredMemory(flags, context, (_memory, store) => store.backup(target));
  if (json) await output.json({ store: storeFileOf(flags, context), backup: target });
  else talk.info(`${target} holds what ${storeFileOf(flags, context)} held.`);
  return 0;
}
