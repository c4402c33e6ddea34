import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { isIsovecError } from '../../shared/isovec-error.js';
import { silentLogger } from '../../shared/log.js';
import type { ModelFiles } from '../model-files.js';
import { parseModelId } from '../model-id.js';
import { pythonHubCacheSource } from '../sources/python-hub-cache-source.js';
import type { LocateOptions } from '../sources/source.js';

/** Nothing is fetched. */
const LOCAL: LocateOptions = { entry: undefined, logger: silentLogger, signal: undefined, onBytes: () => undefined };

/** A model in the cache of Python's hub client. It is not ours: it is used where it is, and never removed. */
export interface PythonCacheModel {
  readonly id: string;
  readonly revision: string;
  readonly origin: 'python-cache';
  /** Absolute path of the snapshot's folder. */
  readonly path: string;
  /** Branches and tags that stand for it there. */
  readonly names: readonly string[];
  /** Bytes of the files that are needed. */
  readonly size: number;
}

/** The models of Python's hub cache that can be used, by id and revision; what is no model, or not whole, is left out. */
export async function listPythonCacheModels(root: string): Promise<readonly PythonCacheModel[]> {
  const source = pythonHubCacheSource(root);
  const models: PythonCacheModel[] = [];
  for (const folder of (await readdir(root).catch(() => [])).sort()) {
    const repository = repositoryOf(folder);
    if (repository === undefined) continue;
    const names = await namesByCommit(path.join(root, folder, 'refs'));
    for (const revision of (await readdir(path.join(root, folder, 'snapshots')).catch(() => [])).sort()) {
      if (!/^[0-9a-f]{40}$/.test(revision)) continue;
      const files = await locate(source, repository, revision);
      if (files === undefined) continue;
      models.push({
        id: repository,
        revision,
        origin: 'python-cache',
        path: files.root,
        names: names.get(revision) ?? [],
        size: [...files.files.values()].reduce((sum, file) => sum + file.size, 0),
      });
    }
  }
  return models;
}

async function locate(
  source: ReturnType<typeof pythonHubCacheSource>,
  repository: string,
  revision: string,
): Promise<ModelFiles | undefined> {
  try {
    const located = await source.locate({ kind: 'hub', repository, revision }, LOCAL);
    return located.kind === 'local' ? located.files : undefined;
  } catch (error) {
    if (isIsovecError(error)) return undefined;
    throw error;
  }
}

/** `models--org--name` is `org/name`; names of repositories never hold `--`. */
function repositoryOf(folder: string): string | undefined {
  if (!folder.startsWith('models--')) return undefined;
  try {
    const id = parseModelId(folder.slice('models--'.length).replace('--', '/'));
    return id.kind === 'hub' && id.revision === undefined ? id.repository : undefined;
  } catch {
    return undefined;
  }
}

async function namesByCommit(refs: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = new Map<string, string[]>();
  const entries = await readdir(refs, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const commit = (await readFile(file, 'utf8').catch(() => '')).trim();
    const name = path.relative(refs, file).split(path.sep).join('/');
    names.set(commit, [...(names.get(commit) ?? []), name]);
  }
  return names;
}
