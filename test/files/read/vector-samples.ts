import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { SourceDigest } from '#src/files/rows/source-digest.js';
import { openVectorFile } from '#src/files/vectors/read/open-vector-file.js';
import type { OpenVectorFileOptions } from '#src/files/vectors/read/vector-file-options.js';
import type { VectorMetadata } from '#src/files/vectors/vector-metadata.js';
import { createEmbeddingSpace } from '#src/models/embedding-space.js';
import { listFolderFiles } from '#src/models/folder-files.js';
import { readModelRecord } from '#src/models/model-config/read-model-record.js';
import { readTokenizerDefinition } from '#src/models/tokenizer-definition/read-tokenizer-definition.js';
import { isIsovecError } from '#src/shared/isovec-error.js';

/** Parquet files that pyarrow wrote; see generate.py there. */
export const FIXTURES: string = path.resolve(import.meta.dirname, '../../fixtures/vector-files');

const model = await listFolderFiles(path.resolve(import.meta.dirname, '../../fixtures/tiny/bert-mean'));
const record = await readModelRecord(model);
const space = createEmbeddingSpace(record, await readTokenizerDefinition(model, record), 'c0ffee');

/** Metadata of vectors, as an embedding job writes it. */
export function metadataOf(changes: Partial<VectorMetadata> = {}): VectorMetadata {
  return {
    format: 'isovec-vectors',
    version: 1,
    space,
    dimensions: 4,
    precision: 'float32',
    normalized: false,
    prompt: '',
    rows: 3,
    refused: 0,
    truncated: 0,
    tokens: 9,
    source: sourceOf([]),
    vectorColumn: 'embedding',
    job: 'j'.repeat(64),
    ...changes,
  };
}

/** The source of vectors that were embedded from texts.txt with these lines. */
export function sourceOf(texts: readonly string[]): VectorMetadata['source'] {
  const digest = new SourceDigest();
  for (const [index, text] of texts.entries()) digest.add({ number: index + 1, text, values: [] });
  const how = { format: 'text', column: 'text', header: true, maxRowBytes: 1 << 20 } as const;
  return { file: 'texts.txt', ...how, digest: digest.value() };
}

/** Vector i of the samples has the values 4 i / 8, (4 i + 1) / 8, ... */
export function sampleValues(rows: number, dimensions = 4): Float32Array {
  return Float32Array.from({ length: rows * dimensions }, (_, index) => index / 8);
}

/** A temporary folder with files, removed when the scope ends. */
export async function folderWith(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<{ readonly file: (name: string) => string } & AsyncDisposable> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'isovec-read-'));
  for (const [name, contents] of Object.entries(files)) await writeFile(path.join(folder, name), contents);
  return {
    file: (name) => path.join(folder, name),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Bytes of float32 values. */
export function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** All values of a file, copied block by block, with the blocks' places checked. */
export async function readAll(file: string, options: OpenVectorFileOptions = {}): Promise<number[]> {
  const vectors = await openVectorFile(file, options);
  try {
    const values: number[] = [];
    for await (const { first, count, data } of vectors.blocks()) {
      if (first * vectors.dimensions !== values.length || data.length !== count * vectors.dimensions) {
        throw new Error(`a block begins at ${first} after ${values.length} values`);
      }
      for (const value of data) values.push(value);
    }
    return values;
  } finally {
    await vectors.close();
  }
}

/** Code and message of what a call throws. */
export async function failureOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
  } catch (error) {
    if (isIsovecError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'no failure';
}
