import { access } from 'node:fs/promises';
import path from 'node:path';
import type { Memory } from '../../../memory/memory.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import type { StoreFlags } from '../../memory/memory-flags.js';
import { useStoredMemory } from '../../memory/use-stored-memory.js';
import { TemporaryFile } from '../../output/temporary-file.js';

/** Flags of `isovec memory export`. */
export interface ExportFlags extends StoreFlags {
  readonly out?: string;
  readonly force?: boolean;
}

/** `isovec memory export`: to a file that appears complete or not at all, or to standard output. */
export async function exportMemories(flags: ExportFlags, context: CommandContext): Promise<ExitCode> {
  const { out } = flags;
  await useStoredMemory(flags, context, (memory) =>
    out === undefined || out === '-' ? exportToOutput(memory, context) : exportToFile(memory, out, flags, context),
  );
  return 0;
}

async function exportToOutput(memory: Memory, { output, signal }: CommandContext): Promise<void> {
  for await (const line of memory.export()) {
    signal.throwIfAborted();
    await output.line(line);
  }
}

async function exportToFile(
  memory: Memory,
  out: string,
  { force = false }: ExportFlags,
  { json, output, signal, talk }: CommandContext,
): Promise<void> {
  if (!force && (await exists(out))) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `${out} is there already. Choose another name, or replace it with --force.`,
    );
  }
  const file = await TemporaryFile.create(path.dirname(out));
  let lines = 0;
  try {
    for await (const line of memory.export()) {
      signal.throwIfAborted();
      await file.write(`${line}\n`);
      lines++;
    }
    await file.publish(out);
  } finally {
    await file.discard();
  }
  if (json) await output.json({ file: out, lines });
  else talk.info(`${out}: ${lines} lines.`);
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
