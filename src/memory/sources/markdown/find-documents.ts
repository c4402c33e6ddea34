import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { throwIfAborted } from '../../../shared/abort.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import { accessPath } from '../access-path.js';

/** Something that was left out of a folder, and why. */
export interface SkippedFile {
  /** Absolute. */
  readonly file: string;
  readonly reason: string;
}

/** The Markdown files of a path. */
export interface FoundDocuments {
  /** Absolute, in the order of their names. */
  readonly files: readonly string[];
  readonly skipped: readonly SkippedFile[];
}

/** Most files of a folder: every one has several memories, and all are held until they are stored (CWE-770). */
const MAX_FILES = 20_000;

/**
 * The path itself if it is a file; else all files under it that end in .md or .markdown, in folders that are neither hidden nor
 * `node_modules`. Links in a folder are not followed, for they may lead in a circle or out of it, and are told as skipped.
 * INPUT_INVALID if the path does not exist, may not be read, or is neither file nor folder, or there are too many files; ABORTED.
 */
export async function findDocuments(root: string, signal: AbortSignal | undefined): Promise<FoundDocuments> {
  const status = await accessPath(root, () => stat(root));
  if (status.isFile()) return { files: [root], skipped: [] };
  // A pipe would be waited for.
  if (!status.isDirectory()) {
    throw new IsovecError('INPUT_INVALID', `${root} is neither a file nor a folder.`, { data: { file: root } });
  }
  const files: string[] = [];
  const skipped: SkippedFile[] = [];
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    throwIfAborted(signal);
    const here = folder;
    for (const entry of await accessPath(here, () => readdir(here, { withFileTypes: true }))) {
      const file = path.join(here, entry.name);
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const isMarkdown = /\.(?:md|markdown)$/i.test(entry.name);
      if (entry.isDirectory()) folders.push(file);
      else if (entry.isFile() && isMarkdown) files.push(file);
      else if (entry.isSymbolicLink() && isMarkdown) skipped.push({ file, reason: 'is a symbolic link' });
    }
    if (files.length > MAX_FILES) {
      throw new IsovecError(
        'INPUT_INVALID',
        `${root} holds more than ${MAX_FILES} Markdown files. Load folders in it one by one.`,
        { data: { file: root } },
      );
    }
  }
  return { files: files.sort(), skipped };
}
