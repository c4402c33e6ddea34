import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import { IsovecError } from '../../shared/isovec-error.js';
import { listFolderFiles } from '../folder-files.js';
import type { ModelFiles } from '../model-files.js';
import { isCommit } from '../model-id.js';
import { folderListing, neededFiles } from './folder-source.js';
import { moduleFolders } from './select-model-files.js';
import type { ModelSource } from './source.js';

/**
 * The cache of Python's huggingface_hub: `models--org--name/{refs,snapshots,blobs}`. Its files are used in place;
 * nothing is copied and nothing is written.
 */
export function pythonHubCacheSource(root: string): ModelSource {
  return {
    name: 'Python hub cache',
    remote: false,
    async locate(id) {
      if (id.kind !== 'hub') throw new IsovecError('MODEL_NOT_FOUND', 'The id does not name a hub model.');
      const repository = path.join(root, `models--${id.repository.replaceAll('/', '--')}`);
      const commit = await commitOf(repository, id.revision ?? 'main');
      const folder = path.join(repository, 'snapshots', commit);
      const all = await listFolderFiles(folder);
      const files = await neededFiles({ ...all, id: id.repository, revision: commit, origin: 'python-cache' });
      await requireComplete(repository, commit, files);
      return { kind: 'local', files };
    },
  };
}

async function commitOf(repository: string, revision: string): Promise<string> {
  if (isCommit(revision)) return revision;
  let commit: string;
  try {
    commit = (await readFile(path.join(repository, 'refs', ...revision.split('/')), 'utf8')).trim();
  } catch (cause) {
    throw new IsovecError('MODEL_NOT_FOUND', `${repository} has no revision ${revision}.`, { cause });
  }
  if (!isCommit(commit)) {
    throw new IsovecError('FORMAT_INVALID', `${repository}: refs/${revision} does not hold a commit.`);
  }
  return commit;
}

/**
 * Python fetches file by file, so a snapshot may lack a file that the repository has. Without modules.json a model
 * would silently be pooled by mean, without the others tokenised or cut differently: such a file must be there, or
 * `.no_exist/<commit>/` must record that the repository has none.
 */
async function requireComplete(repository: string, commit: string, model: ModelFiles): Promise<void> {
  const [transformer = ''] = await moduleFolders(folderListing(model));
  const sentenceConfig = [...model.files.keys()].some((name) => /(^|\/)sentence_[\w-]+_config\.json$/.test(name));
  const decisive = [
    'modules.json',
    'config_sentence_transformers.json',
    `${transformer}tokenizer_config.json`,
    ...(sentenceConfig ? [] : [`${transformer}sentence_bert_config.json`]),
  ];
  for (const name of decisive) {
    if (model.files.has(name) || (await exists(path.join(repository, '.no_exist', commit, name)))) continue;
    throw new IsovecError(
      'MODEL_FILE_MISSING',
      `The snapshot ${model.root} lacks ${name}, and nothing there says that the repository has no such file: ` +
        'it was fetched in part, and would not give the vectors of the model.',
      { data: { file: name } },
    );
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch {
    return false;
  }
}
