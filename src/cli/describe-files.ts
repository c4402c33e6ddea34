import type { SnapshotFile } from '../models/cache/snapshot-manifest.js';
import type { ModelFiles } from '../models/model-files.js';
import { isIsovecError } from '../shared/isovec-error.js';
import { cacheRootOf, type SourceFlags } from './model-flags.js';
import type { CommandContext } from './command-context.js';

/** How a model came to this machine; plain values for JSON. */
export interface FilesDescription {
  readonly id: string;
  readonly revision: string | undefined;
  readonly origin: ModelFiles['origin'];
  /** Address, package or folder that it came from. */
  readonly from: string;
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 over the digests of the files, where the cache knows them. */
  readonly digest?: string;
  /** ISO 8601, where the cache knows. */
  readonly lastUsedAt?: string;
  readonly files: readonly (Pick<SnapshotFile, 'name' | 'size'> & Partial<SnapshotFile>)[];
}

/** Describes files that were obtained, with what the cache knows about where they came from. */
export async function describeFiles(
  files: ModelFiles,
  flags: SourceFlags,
  context: CommandContext,
): Promise<FilesDescription> {
  const { describeSnapshot } = await import('../models/cache/cached-snapshots.js');
  const { id, revision, origin, root } = files;
  const cached = origin === 'hub' || origin === 'wheel';
  const snapshot = cached
    ? await describeSnapshot(cacheRootOf(flags, context), snapshotName(files)).catch((error: unknown) => {
        if (isIsovecError(error)) return undefined;
        throw error;
      })
    : undefined;
  const list = snapshot?.files ?? [...files.files.values()].map(({ name, size }) => ({ name, size }));
  const sorted = [...list].sort((left, right) => (left.name < right.name ? -1 : 1));
  const bytes = list.reduce((sum, file) => sum + file.size, 0);
  const known = snapshot === undefined ? {} : { digest: snapshot.digest, lastUsedAt: snapshot.lastUsedAt };
  return { id, revision, origin, from: snapshot?.from ?? root, path: root, bytes, ...known, files: sorted };
}

/** The name by which the cache finds exactly these files. */
function snapshotName({ id, revision }: ModelFiles): string {
  return id.startsWith('wheel:') || revision === undefined ? id : `${id}@${revision}`;
}
