import { removeSnapshots } from '../../../models/cache/remove-snapshots.js';
import { isIsovecError } from '../../../shared/isovec-error.js';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import { cacheRootOf, type SourceFlags } from '../../model-flags.js';
import { fitName } from '../../text/fit-text.js';
import { formatBytes } from '../../text/format-bytes.js';
import { explainForeign } from './foreign-model.js';

/** Flags of `isovec models remove`. */
export interface RemoveFlags extends SourceFlags {
  readonly force?: boolean;
}

/** `isovec models remove` */
export async function removeModels(
  names: readonly string[],
  flags: RemoveFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { output, columns, signal, settings } = context;
  const cache = cacheRootOf(flags, context);
  const removed = await removeSnapshots(cache, names, { force: flags.force, signal }).catch(async (error: unknown) => {
    if (isIsovecError(error, 'MODEL_NOT_FOUND')) {
      for (const name of names) await explainForeign(name, settings.pythonHubCache);
    }
    throw error;
  });
  const freedBytes = removed.reduce((sum, one) => sum + one.freedBytes, 0);
  if (context.json) {
    await output.json({ cache, removed, freedBytes });
    return 0;
  }
  for (const { id, revision, freedBytes: freed } of removed) {
    const facts = `, ${formatBytes(freed)} freed`;
    await output.line(`removed ${fitName(`${id}@${revision}`, columns - 8 - facts.length)}${facts}`);
  }
  return 0;
}
