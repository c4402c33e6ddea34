import type { BridgeMemory, RecalledMemory } from '../../../memory/ranking/rank-memories.js';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import { type FilterFlags, filterOf } from '../../memory/filter-flags.js';
import { type MemoryModelFlags, type NamedModel, profileOfFlags } from '../../memory/memory-flags.js';
import { memoryValue } from '../../memory/memory-value.js';
import { recallText } from '../../memory/recall-text.js';
import { storePlaceOf } from '../../memory/store-place.js';
import { useMemory } from '../../memory/use-memory.js';

/** Flags of `isovec memory recall`. */
export interface RecallFlags extends MemoryModelFlags, FilterFlags {
  readonly limit: number;
  readonly dimension: readonly string[];
  readonly touch: boolean;
}

/** `isovec memory recall` */
export async function recallMemories(
  query: string,
  flags: RecallFlags,
  named: NamedModel,
  context: CommandContext,
): Promise<ExitCode> {
  const { json, output, talk, style, columns, signal } = context;
  const { limit, touch } = flags;
  const dimensions = profileOfFlags(flags.dimension);
  const result = await useMemory(flags, { named, create: false, fewTexts: true }, context, (memory) =>
    memory.recall(query, { ...filterOf(flags), limit, dimensions, touch, signal }),
  );
  talk.clear();
  if (json) {
    const valued = (list: readonly (RecalledMemory | BridgeMemory)[]): readonly unknown[] =>
      list.map(({ record, ...score }) => ({ ...score, memory: memoryValue(record) }));
    await output.json({
      store: storePlaceOf(flags, context).name,
      query,
      core: valued(result.core),
      peripheral: valued(result.peripheral),
      bridges: valued(result.bridges),
      nearest: valued(result.nearest),
    });
    return 0;
  }
  if (result.core.length + result.peripheral.length === 0) {
    talk.info(
      result.nearest.length === 0
        ? 'Nothing is remembered that meets these conditions.'
        : 'Nothing comes to mind: no memory is similar enough to the query.',
    );
  }
  for (const line of recallText(result, { columns, style })) await output.line(line);
  return 0;
}
