import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

import { errorMessage, IsovecError, systemErrorCode } from '../shared/isovec-error.js';
import type { ModelFile, ModelFiles } from './model-files.js';

/** Module folders lie one level deep, their parts two (`1_Module/0_Transformer/…`); deeper is no model's own file. */
const MAX_DEPTH = 3;

/** Published models hold tens of files; a limit keeps a mistaken path such as '/' from being walked (CWE-400). */
const MAX_FILES = 4_096;

/**
 * The files of a model in a local folder, by their path inside it with '/' separators, at most three folders deep.
 * Symbolic links to regular files are followed and recorded by their real path, as download caches need; linked
 * folders, hidden folders and everything that is not a regular file are left out.
 * MODEL_NOT_FOUND if the folder does not exist, SOURCE_FORBIDDEN if it cannot be read, FORMAT_INVALID if it holds
 * more than 4,096 files.
 */
export async function listFolderFiles(root: string): Promise<ModelFiles> {
  const folder = await realFolder(root);
  const files = new Map<string, ModelFile>();
  await collect(folder, '', MAX_DEPTH, files);
  return { id: folder, revision: undefined, origin: 'folder', root: folder, files };
}

async function realFolder(root: string): Promise<string> {
  let folder: string;
  let isFolder: boolean;
  try {
    folder = await realpath(path.resolve(root));
    isFolder = (await stat(folder)).isDirectory();
  } catch (cause) {
    throw folderError(root, cause);
  }
  if (!isFolder) {
    throw new IsovecError('MODEL_NOT_FOUND', `${root} is not a folder. Give the folder that holds config.json.`, {
      data: { folder: root },
    });
  }
  return folder;
}

async function collect(folder: string, prefix: string, depth: number, files: Map<string, ModelFile>): Promise<void> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw folderError(folder, cause);
  }
  // Directory order differs between file systems; names in order make every later message the same everywhere.
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const name = prefix + entry.name;
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (depth > 0 && !entry.name.startsWith('.')) await collect(full, `${name}/`, depth - 1, files);
    } else if (entry.isFile() || entry.isSymbolicLink()) {
      const file = await regularFile(name, full);
      if (file !== undefined) files.set(name, file);
      if (files.size > MAX_FILES) {
        throw new IsovecError(
          'FORMAT_INVALID',
          `The folder ${folder} holds more than ${MAX_FILES} files, so it is not a model. Give the folder that holds config.json.`,
          { data: { folder } },
        );
      }
    }
  }
}

/** The file behind a name, or undefined for a dangling link, a linked folder, a socket or a device. */
async function regularFile(name: string, full: string): Promise<ModelFile | undefined> {
  try {
    const real = await realpath(full);
    const status = await stat(real);
    return status.isFile() ? { name, path: real, size: status.size } : undefined;
  } catch (cause) {
    const code = systemErrorCode(cause);
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') return undefined;
    throw folderError(full, cause);
  }
}

function folderError(folder: string, cause: unknown): IsovecError {
  const code = systemErrorCode(cause);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new IsovecError('MODEL_NOT_FOUND', `The folder ${folder} does not exist.`, { cause, data: { folder } });
  }
  return new IsovecError('SOURCE_FORBIDDEN', `${folder} cannot be read (${code ?? errorMessage(cause)}).`, {
    cause,
    data: { folder },
  });
}
