import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import { LEVEL_NAMES, type StoreFlags } from '../../memory/memory-flags.js';
import { shortPath } from '../../memory/memory-place.js';
import { storePlaceOf } from '../../memory/store-place.js';
import { useStoredMemory } from '../../memory/use-stored-memory.js';
import { fitName } from '../../text/fit-text.js';
import { formatBytes } from '../../text/format-bytes.js';
import { formatCount } from '../../text/format-count.js';
import { printableText } from '../../text/printable-text.js';

/** Columns of what a line is about. */
const NAME_COLUMNS = 13;

/** `isovec memory status` */
export async function printStatus(flags: StoreFlags, context: CommandContext): Promise<ExitCode> {
  const { json, output, columns, style } = context;
  const { name, file } = storePlaceOf(flags, context);
  const { status, space } = await useStoredMemory(flags, context, async (memory, store) => ({
    status: await memory.status(),
    space: store.space,
  }));
  const { records, connections, byKind, byLevel, sources, bytes, undelivered } = status;
  const levels = Object.fromEntries(LEVEL_NAMES.map((name, at) => [name, byLevel[at] ?? 0]));
  if (json) {
    const { model, dimensions, weightDtype, fingerprint } = space;
    const about = { model, dimensions, weightDtype, fingerprint };
    const counted = { records, connections, byKind, byLevel: levels, sources, bytes };
    await output.json({ store: name, space: about, ...counted, ...(undelivered === undefined ? {} : { undelivered }) });
    return 0;
  }
  const line = (name: string, value: string): Promise<void> =>
    output.line(`${style.bold(name.padEnd(NAME_COLUMNS))}${fitName(printableText(value), columns - NAME_COLUMNS)}`);
  const size = bytes === undefined ? '' : `, ${formatBytes(bytes)}`;
  await line(file === undefined ? 'store' : 'file', `${name}${size}`);
  await line('model', `${space.model}, ${space.dimensions} dimensions, ${space.weightDtype}`);
  await line('memories', `${formatCount(records)}: ${counts(byKind)}`);
  await line('levels', counts(levels));
  await line('connections', formatCount(connections));
  if (undelivered !== undefined) await line('undelivered', formatCount(undelivered));
  for (const [at, { path, type, records: count }] of sources.entries()) {
    await line(at === 0 ? 'sources' : '', `${shortPath(path)} (${type}): ${formatCount(count)}`);
  }
  return 0;
}

function counts(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, count]) => `${formatCount(count)} ${name}`)
    .join(', ');
}
