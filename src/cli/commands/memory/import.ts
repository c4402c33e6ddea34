import { createReadStream } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { IsovecError, systemErrorCode } from '../../../shared/isovec-error.js';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import type { MemoryModelFlags, NamedModel } from '../../memory/memory-flags.js';
import { storePlaceOf } from '../../memory/store-place.js';
import { useMemory } from '../../memory/use-memory.js';
import { formatCount } from '../../text/format-count.js';

/** `isovec memory import` */
export async function importMemories(
  file: string,
  flags: MemoryModelFlags,
  named: NamedModel,
  context: CommandContext,
): Promise<ExitCode> {
  const { json, output, talk, signal } = context;
  const report = await useMemory(flags, { named, create: true, fewTexts: false }, context, (memory) =>
    memory.import(linesOf(file), { signal, onProgress: talk.onProgress }),
  );
  const store = storePlaceOf(flags, context).name;
  talk.clear();
  if (json) {
    await output.json({ store, ...report });
    return 0;
  }
  const { memories, connections, embedded } = report;
  const anew = embedded === 0 ? '' : `; ${formatCount(embedded)} embedded anew, for they came from another model`;
  await output.line(`${formatCount(memories)} memories, ${formatCount(connections)} connections${anew}`);
  return 0;
}

/** Lines of a file or, for "-", of standard input. INPUT_INVALID for a file that cannot be read. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  try {
    yield* createInterface({ input, crlfDelay: Infinity });
  } catch (cause) {
    const code = systemErrorCode(cause);
    if (code === undefined) throw cause;
    throw new IsovecError('INPUT_INVALID', `${file} cannot be read (${code}).`, { cause, data: { file } });
  }
}
