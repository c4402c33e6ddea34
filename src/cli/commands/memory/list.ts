import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import { type FilterFlags, filterOf } from '../../memory/filter-flags.js';
import type { StoreFlags } from '../../memory/memory-flags.js';
import { memoryLine } from '../../memory/memory-line.js';
import { memoryValue } from '../../memory/memory-value.js';
import { useStoredMemory } from '../../memory/use-stored-memory.js';

/** Flags of `isovec memory list`. */
export interface ListFlags extends StoreFlags, FilterFlags {
  readonly limit?: number;
}

/** `isovec memory list` */
export async function listMemories(flags: ListFlags, context: CommandContext): Promise<ExitCode> {
  const { json, output, columns, talk, signal } = context;
  await useStoredMemory(flags, context, async (memory) => {
    let listed = 0;
    for await (const record of memory.list(filterOf(flags))) {
      if (listed === flags.limit) return;
      signal.throwIfAborted();
      if (json) await output.json(memoryValue(record));
      else await output.line(memoryLine(record.id, record.content, columns));
      listed++;
    }
    if (listed === 0) talk.info('No memory meets these conditions.');
  });
  return 0;
}
