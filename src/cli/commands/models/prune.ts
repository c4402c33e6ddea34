import { describeProcess } from '../../../models/cache/process-identity.js';
import { pruneCache } from '../../../models/cache/prune-cache.js';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import { cacheRootOf, type SourceFlags } from '../../model-flags.js';
import { fitName, fitText } from '../../text/fit-text.js';
import { formatBytes } from '../../text/format-bytes.js';

/** Flags of `isovec models prune`. */
export interface PruneFlags extends SourceFlags {
  /** Milliseconds. */
  readonly unusedFor?: number;
  readonly allPartial?: boolean;
  readonly environments?: boolean;
  readonly dryRun?: boolean;
}

/** `isovec models prune` */
export async function pruneModels(flags: PruneFlags, context: CommandContext): Promise<ExitCode> {
  const { output, columns, style, talk, signal } = context;
  const cache = cacheRootOf(flags, context);
  const { unusedFor, allPartial, environments } = flags;
  const dryRun = flags.dryRun === true;
  const { removed, freedBytes, kept } = await pruneCache(cache, {
    unusedFor,
    allPartial,
    bridge: environments,
    dryRun,
    signal,
  });
  if (context.json) {
    await output.json({ cache, dryRun, removed, freedBytes, kept });
    return 0;
  }
  for (const { kind, name, reason, freedBytes: freed } of removed) {
    const facts = `, ${formatBytes(freed)}`;
    await output.line(`${kind.padEnd(9)}${fitName(name, columns - 9 - facts.length)}${facts}`);
    await output.line(`         ${style.dim(fitText(reason, columns - 9))}`);
  }
  for (const { id, revision, holders } of kept) {
    talk.info(`${id}@${revision} stays: in use by ${[...new Set(holders.map(describeProcess))].join(', ')}`);
  }
  const things = `${removed.length} ${removed.length === 1 ? 'thing' : 'things'}`;
  const done = dryRun
    ? `${things} would be removed, ${formatBytes(freedBytes)} freed`
    : `${things} removed, ${formatBytes(freedBytes)} freed`;
  talk.info(removed.length === 0 ? `Nothing to remove in ${cache}` : `${done}, in ${cache}`);
  return 0;
}
