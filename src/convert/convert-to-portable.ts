import { copyFile, mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { encodeOnnxModel } from '../formats/onnx/encode-onnx-model.js';
import type { ModelFiles } from '../models/model-files.js';
import type { ModelRecord } from '../models/model-record.js';
import { IsovecError, systemErrorCode } from '../shared/isovec-error.js';
import { openCheckpoint } from './checkpoint.js';
import { DataFilePlan } from './data-file-plan.js';
import { buildPortableGraph, DEFAULT_PORTABLE_OPSET } from './portable-graph.js';
import { verifyWeights } from './verify-weights.js';

/** Largest model that is written as one file: protobuf refuses 2 GiB, and the graph itself needs room. */
const SINGLE_FILE_LIMIT = 2 ** 31 - 2 ** 26;

/** Options of {@link convertToPortable}. */
export interface PortableOptions {
  /** Folder to write; it must not exist, or be empty, unless `overwrite` is set. */
  readonly out: string;
  /** Replaces the folder if it exists. */
  readonly overwrite?: boolean;
  /** ONNX operator set, 18 to 26; 18 by default. */
  readonly opset?: number;
  /** Keeps the weights in `model.onnx_data`; needed, and then the default, beyond 2 GiB. */
  readonly externalData?: boolean;
  /** The tokenizer.json to write: the published one may not be what the model was used with. */
  readonly tokenizer: string;
  readonly signal?: AbortSignal;
}

/** What was written. */
export interface PortableConversion {
  readonly folder: string;
  /** Paths below the folder with their sizes in bytes. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  readonly opset: number;
  readonly unusedTensors: readonly string[];
}

/**
 * Writes a portable ONNX folder: `onnx/model.onnx` with the configuration and tokenizer files beside it, as
 * transformers.js and sentence-transformers' own ONNX backend read it. The folder appears complete or not at all.
 */
export async function convertToPortable(
  files: ModelFiles,
  record: ModelRecord,
  options: PortableOptions,
): Promise<PortableConversion> {
  const opset = options.opset ?? DEFAULT_PORTABLE_OPSET;
  await assertWritable(options);
  const checkpoint = await openCheckpoint(files, record);
  try {
    await verifyWeights(checkpoint.weights, checkpoint.used, options.signal);
    const plan = new DataFilePlan('model.onnx_data');
    const model = buildPortableGraph(checkpoint.encoder, checkpoint.modules, plan.place.bind(plan), opset);
    const external = options.externalData ?? plan.size > SINGLE_FILE_LIMIT;
    if (!external && plan.size > SINGLE_FILE_LIMIT) {
      throw new IsovecError('CONFIG_INVALID', 'A model beyond 2 GiB needs external data: leave externalData out.');
    }
    const bytes = encodeOnnxModel(external ? model : await plan.inline(model));
    const written = await writeFolder(options, async (folder) => {
      await mkdir(join(folder, 'onnx'));
      if (external) await plan.write(join(folder, 'onnx', 'model.onnx_data'), options.signal);
      await writeDurably(join(folder, 'onnx', 'model.onnx'), bytes);
      await copyConfiguration(files, folder);
      await writeDurably(join(folder, 'tokenizer.json'), new TextEncoder().encode(options.tokenizer));
    });
    return { folder: options.out, files: written, opset, unusedTensors: checkpoint.unused };
  } finally {
    await checkpoint.close();
  }
}

async function assertWritable({ out, overwrite }: PortableOptions): Promise<void> {
  const entries = await readdir(out).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw new IsovecError('CONFIG_INVALID', `${out} cannot be used as an output folder: it is not a folder.`, {
      cause: error,
    });
  });
  if (entries.length > 0 && overwrite !== true) {
    throw new IsovecError('CONFIG_INVALID', `${out} exists and is not empty; choose another folder, or overwrite it.`);
  }
}

/** Builds the folder under a temporary name beside its target, then renames it. */
async function writeFolder(
  { out }: PortableOptions,
  fill: (folder: string) => Promise<void>,
): Promise<PortableConversion['files']> {
  await mkdir(dirname(out), { recursive: true });
  const temporary = await mkdtemp(join(dirname(out), `.${basename(out)}-`));
  try {
    await fill(temporary);
    const names = await readdir(temporary, { recursive: true, withFileTypes: true });
    const files = [];
    for (const entry of names.filter((name) => name.isFile())) {
      const path = join(entry.parentPath, entry.name);
      const handle = await open(path);
      const { size } = await handle.stat();
      await handle.close();
      files.push({ name: path.slice(temporary.length + 1), bytes: size });
    }
    await rm(out, { recursive: true, force: true });
    await rename(temporary, out);
    return files.sort((left, right) => (left.name < right.name ? -1 : 1));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw storageError(error, out);
  }
}

function storageError(error: unknown, out: string): unknown {
  const code = systemErrorCode(error);
  if (code === 'ENOSPC') {
    return new IsovecError('STORAGE_FULL', `There is no room left on the disk for ${out}.`, { cause: error });
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return new IsovecError('SOURCE_FORBIDDEN', `${out} cannot be written (${code}); choose another folder.`, {
      cause: error,
    });
  }
  return error;
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Copies every published file but the weights; tokenizer.json is written by the caller. */
async function copyConfiguration(files: ModelFiles, folder: string): Promise<void> {
  for (const file of files.files.values()) {
    if (!/\.(json|txt)$/.test(file.name) || file.name === 'tokenizer.json') continue;
    if (file.name.endsWith('.safetensors.index.json')) continue;
    const target = join(folder, ...file.name.split('/'));
    await mkdir(dirname(target), { recursive: true });
    await copyFile(file.path, target);
  }
}
