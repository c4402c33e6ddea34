import type { EmbeddingSpace } from '../models/embedding-space.js';
import type { ModelFiles } from '../models/model-files.js';
import type { ModelRecord } from '../models/model-record.js';
import type { IsovecError } from '../shared/isovec-error.js';

/** What a model does, when it can be loaded. */
export interface LoadableDescription {
  readonly loadable: true;
  readonly architecture: string;
  readonly dimensions: number;
  readonly maxTokens: number;
  readonly pooling: readonly string[];
  readonly normalized: boolean;
  readonly similarity: string;
  readonly prompts: Readonly<Record<string, string>>;
  readonly defaultPromptName: string | undefined;
  readonly space: EmbeddingSpace;
}

/** Why a model cannot be loaded. */
export interface UnloadableDescription {
  readonly loadable: false;
  readonly error: { readonly code: string; readonly message: string };
}

/** Describes a model that was prepared. */
export function describeRecord(record: ModelRecord, space: EmbeddingSpace): LoadableDescription {
  return {
    loadable: true,
    architecture: record.modelType,
    dimensions: space.dimensions,
    maxTokens: record.maxSequenceLength,
    pooling: space.pooling,
    normalized: space.normalized,
    similarity: record.similarity,
    prompts: record.prompts,
    defaultPromptName: record.defaultPromptName,
    space,
  };
}

/** Describes a model that could not be prepared. */
export function describeFailure({ code, message }: IsovecError): UnloadableDescription {
  return { loadable: false, error: { code, message } };
}

/** The licence of a model: what the catalogue says, else the card in its folder, else unknown. */
export async function licenceOf(files: ModelFiles): Promise<string | undefined> {
  const { findCatalogueEntry } = await import('../models/catalogue.js');
  const entry = await findCatalogueEntry(files.id);
  if (entry !== undefined) return entry.license;
  const card = files.files.get('README.md');
  if (card === undefined) return undefined;
  const { readFile } = await import('node:fs/promises');
  const header = /^---\r?\n([\s\S]*?)\r?\n---/.exec(await readFile(card.path, 'utf8'))?.[1];
  return /^license:[ \t]*["']?([\w.+-]+)/m.exec(header ?? '')?.[1];
}
