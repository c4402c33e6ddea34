import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import type { StoreFlags } from '../../memory/memory-flags.js';
import { storePlaceOf } from '../../memory/store-place.js';
import { useStoredMemory } from '../../memory/use-stored-memory.js';
import { printableText } from '../../text/printable-text.js';

/** `isovec memory verify`: status 1 where something is damaged. */
export async function verifyMemories(flags: StoreFlags, context: CommandContext): Promise<ExitCode> {
  const { json, output, talk, style } = context;
  const store = storePlaceOf(flags, context).name;
  const faults = await useStoredMemory(flags, context, (memory) => memory.verify());
  if (json) {
    await output.json({ store, faults: faults.map(({ id, fault }) => ({ id: id ?? null, fault })) });
  } else {
    for (const { id, fault } of faults) {
      await output.line(`${style.red('damaged')}  ${printableText(id === undefined ? fault : `${id}: ${fault}`)}`);
    }
  }
  if (faults.length === 0) talk.info(`${store} is whole.`);
  else talk.warn(`${store} is damaged: restore a backup, or forget what is named and load it again.`);
  return faults.length === 0 ? 0 : 1;
}
