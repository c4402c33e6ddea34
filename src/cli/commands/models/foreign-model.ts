import { listPythonCacheModels } from '../../../models/cache/python-cache-models.js';
import { IsovecError } from '../../../shared/isovec-error.js';

/** CONFIG_INVALID if a model that is not in our cache is in Python's, which is read and never changed. */
export async function explainForeign(name: string, pythonHubCache: string): Promise<void> {
  const [repository, revision] = name.split('@', 2);
  const model = (await listPythonCacheModels(pythonHubCache)).find(
    (one) =>
      one.id === repository && (revision === undefined || one.revision === revision || one.names.includes(revision)),
  );
  if (model === undefined) return;
  throw new IsovecError(
    'CONFIG_INVALID',
    `${name} is in the cache of Python's hub client, ${model.path}, which isovec reads and never changes. ` +
      "Use that client for it: 'hf cache'.",
    { data: { id: model.id, revision: model.revision, folder: model.path } },
  );
}
