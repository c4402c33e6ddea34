import { readFile } from 'node:fs/promises';

import { IsovecError } from '../../shared/isovec-error.js';
import { listFolderFiles } from '../folder-files.js';
import type { ModelFile, ModelFiles } from '../model-files.js';
import { selectModelFiles, type ModelListing } from './select-model-files.js';
import type { ModelSource } from './source.js';

/** Configurations and shard indexes are read whole; published ones are far below this (CWE-400). */
const MAX_SMALL_FILE = 64 * 1_024 * 1_024;

/** A folder on this machine, used where it is. */
export const folderSource: ModelSource = {
  name: 'folder',
  remote: false,
  async locate(id) {
    if (id.kind !== 'folder') throw new IsovecError('MODEL_NOT_FOUND', 'The id does not name a folder.');
    return { kind: 'local', files: await neededFiles(await listFolderFiles(id.path)) };
  },
};

/** A folder's files as a listing, of which only small ones are read. */
export function folderListing(model: ModelFiles): ModelListing {
  return {
    model: model.root,
    names: new Set(model.files.keys()),
    async read(name) {
      const file = model.files.get(name);
      if (file === undefined) throw new IsovecError('MODEL_FILE_MISSING', `${model.root} lacks ${name}.`);
      if (file.size > MAX_SMALL_FILE) {
        throw new IsovecError('FORMAT_INVALID', `${file.path} is larger than ${MAX_SMALL_FILE} bytes.`);
      }
      return readFile(file.path);
    },
  };
}

/** The same model with only the files that are needed. Rejects as {@link selectModelFiles}. */
export async function neededFiles(model: ModelFiles): Promise<ModelFiles> {
  const files = new Map<string, ModelFile>();
  for (const name of await selectModelFiles(folderListing(model))) {
    const file = model.files.get(name);
    if (file !== undefined) files.set(name, file);
  }
  return { ...model, files };
}
