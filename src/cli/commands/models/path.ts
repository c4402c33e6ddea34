import path from 'node:path';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import { cacheRootOf, loadOptionsOf, type SourceFlags } from '../../model-flags.js';

/** `isovec models path`: one line for scripts; nothing is fetched and nothing made. */
export async function printPath(
  model: string | undefined,
  flags: SourceFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  const cache = path.resolve(cacheRootOf(flags, context));
  const folder = model === undefined ? cache : await folderOf(model, flags, context);
  if (context.json) await output.json({ cache, ...(model === undefined ? {} : { model }), path: folder });
  else await output.line(folder);
  return 0;
}

async function folderOf(model: string, flags: SourceFlags, context: CommandContext): Promise<string> {
  const { obtainFiles } = await import('../../../engine/load-model.js');
  const files = await obtainFiles(model, { ...loadOptionsOf(flags, context), offline: true }, context.settings);
  return files.root;
}
