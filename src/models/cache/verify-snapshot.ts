import path from 'node:path';

import { throwIfAborted } from '../../shared/abort.js';
import { systemErrorCode } from '../../shared/isovec-error.js';
import type { ProgressListener } from '../../shared/progress.js';
import type { CachedSnapshot } from './cached-snapshots.js';
import { digestFile, matches } from './content-digest.js';
import type { SnapshotFile } from './snapshot-manifest.js';

/** What reading a cached file again showed. */
export interface FileVerdict {
  readonly name: string;
  readonly status: 'ok' | 'missing' | 'corrupt' | 'unreadable';
  readonly expected: string;
  /** SHA-256 of what is there. */
  readonly found?: string;
}

export interface SnapshotVerdict {
  readonly id: string;
  readonly revision: string;
  readonly ok: boolean;
  readonly files: readonly FileVerdict[];
}

export interface VerifyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** Reads every file of a cached model again and compares its digest. Rejects with ABORTED only. */
export async function verifySnapshot(snapshot: CachedSnapshot, options: VerifyOptions = {}): Promise<SnapshotVerdict> {
  const files: FileVerdict[] = [];
  for (const file of snapshot.files) {
    throwIfAborted(options.signal);
    files.push(await verifyFile(snapshot.path, file, options));
  }
  return { id: snapshot.id, revision: snapshot.revision, ok: files.every((file) => file.status === 'ok'), files };
}

async function verifyFile(folder: string, file: SnapshotFile, options: VerifyOptions): Promise<FileVerdict> {
  const { name, size, sha256 } = file;
  try {
    const found = await digestFile(path.join(folder, ...name.split('/')), file, {
      signal: options.signal,
      onBytes: (done) => options.onProgress?.({ phase: 'verify', subject: name, done, total: size, unit: 'bytes' }),
    });
    return { name, status: matches(found, file) ? 'ok' : 'corrupt', expected: sha256, found: found.sha256 };
  } catch (error) {
    // A disk that cannot read a file says so with EIO; one bad file must not hide the verdicts of the others.
    const code = systemErrorCode(error);
    if (code === undefined || code === 'ABORT_ERR') throw error;
    return { name, status: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable', expected: sha256 };
  }
}
