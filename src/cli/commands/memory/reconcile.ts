import { IsovecError } from '../../../shared/isovec-error.js';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import type { StoreFlags } from '../../memory/memory-flags.js';
import { openQdrantOf } from '../../memory/store-place.js';
import { formatCount } from '../../text/format-count.js';

/** `isovec memory reconcile` */
export async function reconcileMemories(flags: StoreFlags, context: CommandContext): Promise<ExitCode> {
  const { json, output, talk } = context;
  if (flags.qdrant === undefined) {
    throw new IsovecError('CONFIG_INVALID', 'Name the server that is to hold what the file holds: --qdrant URL.', {
      data: { option: 'qdrant' },
    });
  }
  const store = await openQdrantOf({ ...flags, qdrant: flags.qdrant }, context);
  try {
    const { sent, removed } = await store.reconcile();
    talk.clear();
    if (json) await output.json({ store: store.file, collection: store.collection, sent, removed });
    else await output.line(`${formatCount(sent)} memories sent, ${formatCount(removed)} points removed`);
  } finally {
    await store.close();
  }
  return 0;
}
