import { readFile } from 'node:fs/promises';

import { parseJsonObject } from '../formats/json/parse-json.js';
import { IsovecError } from '../shared/isovec-error.js';
import { ConfigFields } from './model-config/config-fields.js';

/** A published file, exactly. */
export interface CatalogueFile {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  /** SHA-1 of the git blob: tells that a hub lists this very file where it gives no SHA-256. */
  readonly gitOid: string;
}

/** Another place with the same bytes. */
export interface CatalogueAlternate {
  readonly kind: 'wheel';
  readonly package: string;
  readonly version: string;
  /** Folder of the model inside the archive, without a slash at the end. */
  readonly folder: string;
  /** Length of the archive in bytes, to show how far a download is. */
  readonly size: number;
}

/** A text with the beginning of its float32 vector: tells at a glance whether a computation is the right one. */
export interface CatalogueReference {
  readonly text: string;
  readonly vectorHead: readonly number[];
}

/** A well-known model. */
export interface CatalogueEntry {
  /** `org/name`. */
  readonly id: string;
  /** Other names that mean this model. */
  readonly aliases: readonly string[];
  /** The commit that `files` describes, where it is known: there, no other bytes are accepted. */
  readonly revision?: string | undefined;
  /** SPDX identifier. */
  readonly license: string;
  readonly dimensions: number;
  readonly maxTokens: number;
  readonly reference: CatalogueReference;
  readonly files: readonly CatalogueFile[];
  readonly alternates: readonly CatalogueAlternate[];
}

/** A SHA-1 in hexadecimal, as git writes commits and blobs. */
const COMMIT = /^[0-9a-f]{40}$/;

/** The same relative path leads from src/models and from dist/models. */
const CATALOGUE = new URL('../../data/catalogue.json', import.meta.url);

let loaded: Promise<readonly CatalogueEntry[]> | undefined;

/** The models that the package knows by digest. INTERNAL if the package's own data file is missing or broken. */
function loadCatalogue(): Promise<readonly CatalogueEntry[]> {
  loaded ??= readCatalogue();
  return loaded;
}

/** The entry of a repository or alias (without a revision), if there is one. */
export async function findCatalogueEntry(name: string): Promise<CatalogueEntry | undefined> {
  return (await loadCatalogue()).find((entry) => entry.id === name || entry.aliases.includes(name));
}

/** The entry and alternate that a wheel belongs to, if there is one. `name` is normalised. */
export async function findCatalogueWheel(
  name: string,
  version: string,
): Promise<{ entry: CatalogueEntry; alternate: CatalogueAlternate } | undefined> {
  for (const entry of await loadCatalogue()) {
    const alternate = entry.alternates.find((other) => other.package === name && other.version === version);
    if (alternate !== undefined) return { entry, alternate };
  }
  return undefined;
}

/**
 * How snapshots name the revision of a model that came from a wheel: `wheel-0.1.0`. A wheel does not tell which
 * commit of the repository it was made of, so none is claimed.
 */
export function wheelRevision(version: string): string {
  return `wheel-${version}`;
}

async function readCatalogue(): Promise<readonly CatalogueEntry[]> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(CATALOGUE);
  } catch (cause) {
    throw new IsovecError('INTERNAL', 'data/catalogue.json is missing from the package: install isovec again.', {
      cause,
    });
  }
  const file = 'data/catalogue.json';
  return new ConfigFields(file, parseJsonObject(bytes, file), 'INTERNAL').objects('models').map(parseEntry);
}

/** Hand-written, as the checks of configurations are: every load of a hub model comes through here. */
function parseEntry(entry: ConfigFields): CatalogueEntry {
  const reference = entry.optionalObject('reference');
  const vectorHead = reference?.get('vectorHead');
  if (reference === undefined || !isVector(vectorHead)) throw entry.invalid('reference', 'a text with its vectorHead');
  const files = entry.objects('files').map(parseFile);
  if (files.length === 0) throw entry.invalid('files', 'a list of at least one file');
  return {
    id: entry.matching('id', /^[\w.-]+\/[\w.-]+$/, 'org/name'),
    aliases: entry.strings('aliases'),
    revision: entry.get('revision') === undefined ? undefined : entry.matching('revision', COMMIT, 'a commit'),
    license: entry.matching('license', /./, 'an SPDX identifier'),
    dimensions: entry.positiveInteger('dimensions'),
    maxTokens: entry.positiveInteger('maxTokens'),
    reference: { text: reference.matching('text', /./, 'a text'), vectorHead },
    files,
    alternates: entry.objects('alternates').map(parseAlternate),
  };
}

function parseFile(file: ConfigFields): CatalogueFile {
  return {
    name: file.matching('name', /./, 'a name'),
    size: file.naturalNumber('size'),
    sha256: file.matching('sha256', /^[0-9a-f]{64}$/, 'a SHA-256 digest in hexadecimal'),
    gitOid: file.matching('gitOid', COMMIT, 'a SHA-1 digest in hexadecimal'),
  };
}

function parseAlternate(alternate: ConfigFields): CatalogueAlternate {
  if (alternate.get('kind') !== 'wheel') throw alternate.invalid('kind', '"wheel"');
  return {
    kind: 'wheel',
    package: alternate.matching('package', /^[a-z0-9]+(-[a-z0-9]+)*$/, 'a name normalised as PEP 503 says'),
    version: alternate.matching('version', /./, 'a version'),
    folder: alternate.matching('folder', /./, 'a folder'),
    size: alternate.positiveInteger('size'),
  };
}

function isVector(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');
}
