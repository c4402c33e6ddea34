import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ConversionReport } from '../convert/convert-to-native.js';
import { CacheLayout } from '../models/cache/cache-layout.js';
import { writeNewFile } from '../models/cache/durable-files.js';
import { removeLeftovers } from '../models/cache/leftovers.js';
import { type PreparedSource, preparedKey, preparedSource, SOURCE_FILE } from '../models/cache/prepared-source.js';
import { publishFolder } from '../models/cache/publish-folder.js';
import { withStorageErrors } from '../models/cache/storage-error.js';
import type { EmbeddingSpace } from '../models/embedding-space.js';
import type { ModelFiles } from '../models/model-files.js';
import type { ModelRecord } from '../models/model-record.js';
import type { NativeBundle } from '../models/native-bundle.js';
import type { TokenizerDefinition } from '../models/tokenizer-definition/tokenizer-definition.js';
import { TextTokenizer } from '../runtime/tokenizer.js';

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

/** Name that the converter gives float32 weights; written out here so that it need not be loaded. */
const CONVERTED_WEIGHTS = 'weights.f32';
const PREPARED_FILE = 'prepared.json';
const GRAPH_FILE = 'graph.onnx';
const TOKENIZER_FILE = 'tokenizer.json';
/** SHA-256 over the other three files: a graph with one wrong byte may load and give wrong vectors. */
const DIGEST_FILE = 'prepared.sha256';

/**
 * Finds or makes the prepared form of a model. It lies in the cache under a key made of each file's name, size, inode
 * and times of change: the same files give the same folder, a changed file gives another. A folder appears complete or
 * not at all, so a kill at any moment and several processes at once are harmless; a damaged one is made again.
 */
export async function prepareModel(
  files: ModelFiles,
  cacheRoot: string,
  signal: AbortSignal | undefined,
): Promise<PreparedModel> {
  const layout = new CacheLayout(cacheRoot);
  const source = await preparedSource(files);
  const folder = layout.prepared(preparedKey(source));
  return (await readPrepared(folder)) ?? (await makePrepared(files, source, layout, signal));
}

/** Removes a prepared model that turned out not to run. */
export async function discardPrepared({ bundle }: PreparedModel): Promise<void> {
  await rm(dirname(bundle.graphPath), { recursive: true, force: true });
}

/** What lies in a folder; undefined if it is absent, incomplete or damaged. */
async function readPrepared(folder: string): Promise<PreparedModel | undefined> {
  try {
    const [digest = '', ...contents] = await Promise.all(
      [DIGEST_FILE, PREPARED_FILE, TOKENIZER_FILE, GRAPH_FILE].map((name) => readFile(join(folder, name))),
    );
    const [stored, json] = contents;
    if (digest.toString() !== digestOf(contents) || stored === undefined || json === undefined) return undefined;
    const model = JSON.parse(stored.toString()) as StoredModel;
    const { weightBytesConverted } = model.conversion;
    if (weightBytesConverted > 0 && (await stat(join(folder, CONVERTED_WEIGHTS))).size !== weightBytesConverted) {
      return undefined;
    }
    return { ...model, tokenizer: { ...model.tokenizer, json: json.toString() } };
  } catch {
    return undefined;
  }
}

async function makePrepared(
  files: ModelFiles,
  source: PreparedSource,
  layout: CacheLayout,
  signal: AbortSignal | undefined,
): Promise<PreparedModel> {
  const folder = layout.prepared(preparedKey(source));
  // The parsers and the protobuf library are loaded only when there is something to prepare.
  const { readModel } = await import('./read-model.js');
  const { record, tokenizer, conversion, space } = await readModel(files, signal);
  try {
    // What the tokenizer library refuses must not be kept.
    await TextTokenizer.load(tokenizer, record.maxSequenceLength);
    const bundle: NativeBundle = {
      graphPath: join(folder, GRAPH_FILE),
      dataFolder: conversion.dataFolder ?? folder,
      ...conversion.shape,
      maxSequenceLength: record.maxSequenceLength,
    };
    const { json, ...rest } = tokenizer;
    const stored: StoredModel = { record, tokenizer: rest, space, bundle, conversion: conversion.report };
    await withStorageErrors(layout.root, async () => {
      const temporary = layout.temporaryFolder();
      try {
        await removeLeftovers(layout);
        await mkdir(temporary, { recursive: true });
        await mkdir(dirname(folder), { recursive: true });
        await conversion.writeData(temporary, signal);
        const contents: [string, Buffer][] = [
          [PREPARED_FILE, Buffer.from(JSON.stringify(stored))],
          [TOKENIZER_FILE, Buffer.from(json)],
          [GRAPH_FILE, Buffer.from(conversion.graph)],
        ];
        for (const [name, content] of contents) await writeNewFile(join(temporary, name), content);
        await writeNewFile(join(temporary, DIGEST_FILE), digestOf(contents.map(([, content]) => content)));
        await writeNewFile(join(temporary, SOURCE_FILE), JSON.stringify(source));
        // Another process may have made the same folder first.
        const keep = async (): Promise<boolean> => (await readPrepared(folder)) !== undefined;
        await publishFolder(temporary, folder, { aside: layout.temporaryFolder(), keep });
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
    });
    return { ...stored, tokenizer };
  } finally {
    await conversion.close();
  }
}

/** SHA-256 over files with their lengths, hexadecimal. */
function digestOf(contents: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(`${content.byteLength}\n`).update(content);
  return hash.digest('hex');
}
