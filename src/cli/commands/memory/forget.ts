import path from 'node:path';
import type { ForgetReport } from '../../../memory/memory-input.js';
import type { ForgetFilter, Memory } from '../../../memory/memory.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import { type FilterFlags, tagFilter } from '../../memory/filter-flags.js';
import type { StoreFlags } from '../../memory/memory-flags.js';
import { memoryLine } from '../../memory/memory-line.js';
import { storePlaceOf } from '../../memory/store-place.js';
import { useStoredMemory } from '../../memory/use-stored-memory.js';
import { formatCount } from '../../text/format-count.js';

/** Flags of `isovec memory forget`. */
export interface ForgetFlags extends StoreFlags, Pick<FilterFlags, 'tag' | 'allTags' | 'source'> {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** Memories that are shown to a person: a source has hundreds; --json gives all. */
const MOST_LINES = 20;

/** `isovec memory forget` */
export async function forgetMemories(
  ids: readonly string[],
  flags: ForgetFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { json, output, talk, columns } = context;
  const dryRun = flags.yes !== true || flags.dryRun === true;
  const { removed } = await useStoredMemory(flags, context, (memory) => forget(memory, ids, flags, dryRun));
  const store = storePlaceOf(flags, context).name;
  if (json) {
    await output.json({ store, dryRun, removed });
  } else {
    for (const { id, content } of removed.slice(0, MOST_LINES)) await output.line(memoryLine(id, content, columns));
    if (removed.length > MOST_LINES) await output.line(`... and ${formatCount(removed.length - MOST_LINES)} more`);
  }
  const count = `${formatCount(removed.length)} ${removed.length === 1 ? 'memory' : 'memories'}`;
  if (removed.length === 0) talk.info('No memory meets these conditions.');
  else if (!dryRun) talk.info(`${count} forgotten in ${store}.`);
  else if (flags.dryRun === true) talk.info(`${count} would be forgotten in ${store}.`);
  else {
    throw new IsovecError('CONFIG_INVALID', `${count} would be forgotten for good. Add --yes to forget them.`);
  }
  return 0;
}

async function forget(
  memory: Memory,
  ids: readonly string[],
  { source, ...flags }: ForgetFlags,
  dryRun: boolean,
): Promise<ForgetReport> {
  await assertKnown(memory, ids);
  const filter: ForgetFilter = {
    ...tagFilter(flags),
    ...(ids.length === 0 ? {} : { ids }),
    ...(source === undefined ? {} : { source: path.resolve(source) }),
  };
  return memory.forget(filter, { dryRun });
}

/** A mistyped id must not look as if it were forgotten. NOT_FOUND. */
async function assertKnown(memory: Memory, ids: readonly string[]): Promise<void> {
  const records = await memory.get(ids);
  const unknown = ids.find((_id, at) => records[at] === undefined);
  if (unknown === undefined) return;
  throw new IsovecError('NOT_FOUND', `There is no memory with the id ${unknown}. 'isovec memory list' shows them.`, {
    data: { id: unknown },
  });
}
