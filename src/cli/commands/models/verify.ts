import {
  type CachedSnapshot,
  describeSnapshot,
  findBrokenSnapshots,
  listSnapshots,
} from '../../../models/cache/cached-snapshots.js';
import { type SnapshotVerdict, verifySnapshot } from '../../../models/cache/verify-snapshot.js';
import { isIsovecError } from '../../../shared/isovec-error.js';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import { cacheRootOf, type SourceFlags } from '../../model-flags.js';
import { fitName, padAfter, padBefore } from '../../text/fit-text.js';
import { formatBytes } from '../../text/format-bytes.js';

const SIZE_COLUMNS = 9;
const STATUS_COLUMNS = 10;

/** `isovec models verify` */
export async function verifyModels(
  names: readonly string[],
  flags: SourceFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { output, talk, signal } = context;
  const cache = cacheRootOf(flags, context);
  const snapshots = names.length === 0 ? await listSnapshots(cache) : await named(names, cache, context);
  const broken = names.length === 0 ? await findBrokenSnapshots(cache) : [];
  const verdicts: SnapshotVerdict[] = [];
  for (const snapshot of snapshots) {
    const verdict = await verifySnapshot(snapshot, { signal, onProgress: talk.onProgress });
    verdicts.push(verdict);
    talk.clear();
    if (!context.json) await printVerdict(snapshot, verdict, context);
  }
  for (const folder of broken) {
    talk.warn(
      `${folder} lacks its list of files, or the list is broken: nothing can use it. 'isovec pull' fetches the model again, 'isovec models prune' removes the folder.`,
    );
  }
  const damaged = verdicts.filter((verdict) => !verdict.ok);
  if (context.json) await output.json({ cache, ok: damaged.length + broken.length === 0, models: verdicts, broken });
  for (const { id, revision } of damaged) {
    const model = id.startsWith('wheel:') ? id : `${id}@${revision}`;
    talk.warn(`${model} is damaged. 'isovec pull ${nameOf(id, revision, snapshots)}' fetches what is wrong again.`);
  }
  if (damaged.length + broken.length > 0) return 4;
  const count = `${verdicts.length} ${verdicts.length === 1 ? 'model' : 'models'}`;
  talk.info(`${count}, every file as it was published, in ${cache}`);
  return 0;
}

/** What `isovec pull` is told to get exactly this model. */
function nameOf(id: string, revision: string, snapshots: readonly CachedSnapshot[]): string {
  const names = snapshots.find((one) => one.id === id && one.revision === revision)?.names ?? [];
  if (id.startsWith('wheel:') || names.includes('main')) return id;
  return `${id}@${names[0] ?? revision}`;
}

async function named(names: readonly string[], cache: string, { settings }: CommandContext): Promise<CachedSnapshot[]> {
  const found = new Map<string, CachedSnapshot>();
  for (const name of names) {
    const snapshot = await describeSnapshot(cache, name).catch(async (error: unknown) => {
      if (isIsovecError(error, 'MODEL_NOT_FOUND')) {
        const { explainForeign } = await import('./foreign-model.js');
        await explainForeign(name, settings.pythonHubCache);
      }
      throw error;
    });
    found.set(snapshot.path, snapshot);
  }
  return [...found.values()];
}

async function printVerdict(
  snapshot: CachedSnapshot,
  verdict: SnapshotVerdict,
  { output, columns, style }: CommandContext,
): Promise<void> {
  await output.line(style.bold(fitName(snapshot.id, columns)));
  await output.line(`  revision  ${fitName(snapshot.revision, columns - 12)}`);
  const sizes = new Map(snapshot.files.map(({ name, size }) => [name, size]));
  const longest = Math.max(...verdict.files.map(({ name }) => name.length));
  const width = Math.min(longest, columns - SIZE_COLUMNS - STATUS_COLUMNS - 5);
  for (const { name, status } of verdict.files) {
    const size = padBefore(formatBytes(sizes.get(name) ?? 0), SIZE_COLUMNS);
    const word = status === 'ok' ? style.green('ok') : style.red(status);
    await output.line(`  ${padAfter(fitName(name, width), width)} ${size}  ${word}`);
  }
}
