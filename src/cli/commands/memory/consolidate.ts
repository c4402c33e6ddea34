import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import type { StoreFlags } from '../../memory/memory-flags.js';
import { storePlaceOf } from '../../memory/store-place.js';
import { useStoredMemory } from '../../memory/use-stored-memory.js';

/** Flags of `isovec memory consolidate`. */
export interface ConsolidateFlags extends StoreFlags {
  readonly accesses?: number;
}

/** `isovec memory consolidate` */
export async function consolidateMemories(flags: ConsolidateFlags, context: CommandContext): Promise<ExitCode> {
  const { json, output, talk } = context;
  const { accesses } = flags;
  const ids = await useStoredMemory(flags, context, (memory) =>
    memory.consolidate(accesses === undefined ? {} : { accesses }),
  );
  if (json) await output.json({ store: storePlaceOf(flags, context).name, consolidated: ids });
  else for (const id of ids) await output.line(id);
  if (ids.length === 0) talk.info('Nothing to consolidate: no episode was recalled often enough.');
  return 0;
}
