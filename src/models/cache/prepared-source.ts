import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import type { ModelFiles } from '../model-files.js';

/**
 * Part of the key of a prepared model: raised whenever the same checkpoint would give another graph, tokenizer or
 * record, so that what an older version wrote is not used.
 */
const PREPARED_VERSION = 4;

/** Name of the file in a prepared model's folder that says what it was made of; its time is that of the last use. */
export const SOURCE_FILE: string = 'source.json';

/** What a prepared model was made of: each file's name, path, and size, inode and times of change. */
export interface PreparedSource {
  readonly version: number;
  readonly id: string;
  readonly revision: string | undefined;
  readonly files: readonly (readonly [name: string, path: string, stamp: string])[];
  /** How its weights were made int8; absent where they are float32. */
  readonly quantization?: string | undefined;
}

/** Describes what a model would be prepared from, as its files are now. */
export async function preparedSource(model: ModelFiles, quantization?: string): Promise<PreparedSource> {
  const files = [...model.files.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  return {
    version: PREPARED_VERSION,
    id: model.id,
    revision: model.revision,
    files: await Promise.all(files.map(async (file) => [file.name, file.path, await stampOf(file.path)] as const)),
    ...(quantization === undefined ? {} : { quantization }),
  };
}

/** The name of the folder of a prepared model. */
export function preparedKey({ version, id, revision, files, quantization }: PreparedSource): string {
  return createHash('sha256')
    .update(JSON.stringify([version, id, revision, files, ...(quantization === undefined ? [] : [quantization])]))
    .digest('hex')
    .slice(0, 32);
}

/** What a prepared model says it was made of; undefined if it does not say so in this version's format. */
export async function readPreparedSource(folder: string): Promise<PreparedSource | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path.join(folder, SOURCE_FILE), 'utf8'));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { version, id, revision, files, quantization }: { [Key in keyof PreparedSource]?: unknown } = value;
  if (version !== PREPARED_VERSION || typeof id !== 'string' || !Array.isArray(files)) return undefined;
  if (revision !== undefined && typeof revision !== 'string') return undefined;
  if (quantization !== undefined && typeof quantization !== 'string') return undefined;
  const entries = files.filter(isFileEntry);
  return entries.length === files.length ? { version, id, revision, files: entries, quantization } : undefined;
}

/** Whether the files that a prepared model was made of are there and have not changed, so that it will be used. */
export async function isCurrent(source: PreparedSource): Promise<boolean> {
  for (const [, file, stamp] of source.files) {
    const now = await stampOf(file).catch(() => undefined);
    if (now !== stamp) return false;
  }
  return true;
}

/** Size, inode and times of change of a file: what changes with its content, and needs no reading. */
export async function stampOf(file: string): Promise<string> {
  const { size, ino, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
  return `${size}/${ino}/${mtimeNs}/${ctimeNs}`;
}

function isFileEntry(value: unknown): value is PreparedSource['files'][number] {
  return Array.isArray(value) && value.length === 3 && value.every((part) => typeof part === 'string');
}
