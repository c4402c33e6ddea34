import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConversionReport } from '../convert/convert-to-native.js';
import type { EmbeddingSpace } from '../models/embedding-space.js';
import type { ModelFiles } from '../models/model-files.js';
import type { ModelRecord } from '../models/model-record.js';
import type { NativeBundle } from '../models/native-bundle.js';
import type { TokenizerDefinition } from '../models/tokenizer-definition/tokenizer-definition.js';
import { IsovecError, systemErrorCode } from '../shared/isovec-error.js';

/**
 * Part of the key of a prepared model: raised whenever the same checkpoint would give another graph, tokenizer or
 * record, so that what an older version wrote is not used.
 */
const PREPARED_VERSION = 1;

/** A model ready for sessions: everything that was read from its files, and a graph beside it. */
export interface PreparedModel {
  readonly record: ModelRecord;
  readonly tokenizer: TokenizerDefinition;
  readonly space: EmbeddingSpace;
  readonly bundle: NativeBundle;
  readonly conversion: ConversionReport;
}

/** What is stored as prepared.json; the tokenizer's own JSON is a file of its own. */
type StoredModel = Omit<PreparedModel, 'tokenizer'> & { readonly tokenizer: Omit<TokenizerDefinition, 'json'> };

const PREPARED_FILE = 'prepared.json';
const GRAPH_FILE = 'graph.onnx';
const TOKENIZER_FILE = 'tokenizer.json';

/**
 * Finds or makes the prepared form of a model. It lies in the cache under a key made of each file's name, size, inode
 * and times of change: the same files give the same folder, a changed file gives another. A folder appears complete or
 * not at all, so a kill at any moment and several processes at once are harmless.
 */
export async function prepareModel(
  files: ModelFiles,
  cacheRoot: string,
  signal: AbortSignal | undefined,
): Promise<PreparedModel> {
  const folder = join(cacheRoot, 'prepared', await preparedKey(files));
  return (await readPrepared(folder)) ?? (await makePrepared(files, folder, signal));
}

async function preparedKey(files: ModelFiles): Promise<string> {
  const identities = [];
  for (const file of [...files.files.values()].sort((left, right) => (left.name < right.name ? -1 : 1))) {
    const { size, ino, mtimeNs, ctimeNs } = await stat(file.path, { bigint: true });
    identities.push([file.name, file.path, `${size}/${ino}/${mtimeNs}/${ctimeNs}`]);
  }
  const identity = JSON.stringify([PREPARED_VERSION, files.id, files.revision, identities]);
  return createHash('sha256').update(identity).digest('hex').slice(0, 32);
}

async function readPrepared(folder: string): Promise<PreparedModel | undefined> {
  try {
    const stored = JSON.parse(await readFile(join(folder, PREPARED_FILE), 'utf8')) as StoredModel;
    const json = await readFile(join(folder, TOKENIZER_FILE), 'utf8');
    const graph = await stat(join(folder, GRAPH_FILE));
    if (graph.size !== stored.conversion.graphBytes) throw new Error('the graph has another size');
    return { ...stored, tokenizer: { ...stored.tokenizer, json } };
  } catch (error) {
    // Absent is the normal case; anything unreadable is removed and made again.
    if (systemErrorCode(error) !== 'ENOENT') await rm(folder, { recursive: true, force: true });
    return undefined;
  }
}

async function makePrepared(
  files: ModelFiles,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<PreparedModel> {
  // The parsers and the protobuf library are loaded only when there is something to prepare.
  const { readModel } = await import('./read-model.js');
  const { record, tokenizer, conversion, space } = await readModel(files, signal);
  try {
    const bundle: NativeBundle = {
      graphPath: join(folder, GRAPH_FILE),
      dataFolder: conversion.dataFolder ?? folder,
      ...conversion.shape,
      maxSequenceLength: record.maxSequenceLength,
    };
    const { json, ...rest } = tokenizer;
    const stored: StoredModel = { record, tokenizer: rest, space, bundle, conversion: conversion.report };
    await writeFolder(folder, async (temporary) => {
      await conversion.writeData(temporary, signal);
      await writeDurably(join(temporary, GRAPH_FILE), conversion.graph);
      await writeDurably(join(temporary, TOKENIZER_FILE), json);
      await writeDurably(join(temporary, PREPARED_FILE), JSON.stringify(stored));
    });
    return { ...stored, tokenizer };
  } finally {
    await conversion.close();
  }
}

async function writeFolder(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const parent = join(folder, '..');
  let temporary: string | undefined;
  try {
    await mkdir(parent, { recursive: true });
    temporary = await mkdtemp(join(parent, '.making-'));
    await fill(temporary);
    await rename(temporary, folder);
  } catch (error) {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    const code = systemErrorCode(error);
    // Another process made the same folder first; what it holds is the same.
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
    throw cacheError(error, code, parent);
  }
}

function cacheError(error: unknown, code: string | undefined, folder: string): unknown {
  if (code === 'ENOSPC') {
    return new IsovecError(
      'STORAGE_FULL',
      `There is no room left on the disk for ${folder}; free some, or set ISOVEC_HOME.`,
      {
        cause: error,
      },
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR') {
    return new IsovecError(
      'SOURCE_FORBIDDEN',
      `The cache folder ${folder} cannot be written (${code}); set ISOVEC_HOME to a folder that can.`,
      { cause: error },
    );
  }
  return error;
}

async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
