import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { parseJsonObject } from '../formats/json/parse-json.js';
import { writeNewFile } from '../models/cache/durable-files.js';
import { publishFolder } from '../models/cache/publish-folder.js';
import { withStorageErrors } from '../models/cache/storage-error.js';
import { temporaryOwner, temporaryState } from '../models/cache/temporary-owner.js';
import { insideFolder } from '../models/model-config/module-path.js';
import { readModelFile } from '../models/model-config/read-config-file.js';
import type { ModelFiles } from '../models/model-files.js';
import type { ModelRecord } from '../models/model-record.js';
import { IsovecError } from '../shared/isovec-error.js';

/** A tokenizer_config.json holds kilobytes; a limit keeps a mislabelled file out of memory (CWE-400). */
const MAX_TOKENIZER_CONFIG_BYTES = 16 * 1024 * 1024;

/** A file of a written folder. */
export interface WrittenFile {
  /** Path below the folder with '/' separators. */
  readonly name: string;
  readonly bytes: number;
}

/** Fills a folder under a temporary name beside its target, then gives it its name; lists what it holds. */
export async function writePortableFolder(
  out: string,
  overwrite: boolean,
  fill: (folder: string) => Promise<void>,
): Promise<readonly WrittenFile[]> {
  const prefix = `.${basename(out)}-`;
  const unusedName = (): string => join(dirname(out), `${prefix}${temporaryOwner()}-${randomBytes(6).toString('hex')}`);
  const write = async (): Promise<readonly WrittenFile[]> => {
    await removeLeftovers(dirname(out), prefix);
    const temporary = unusedName();
    await mkdir(temporary, { recursive: true });
    try {
      await fill(temporary);
      const files = await listWritten(temporary);
      const keep = (): Promise<boolean> => {
        if (overwrite) return Promise.resolve(false);
        throw new IsovecError(
          'CONFIG_INVALID',
          `${out} was filled by another program meanwhile; choose another folder.`,
        );
      };
      await publishFolder(temporary, out, { aside: unusedName(), keep });
      return files;
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  };
  return withStorageErrors(out, write, 'output');
}

/** Removes what conversions to the same folder left when they were killed. */
async function removeLeftovers(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    if (!name.startsWith(prefix) || temporaryState(name.slice(prefix.length)) !== 'gone') continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

async function listWritten(folder: string): Promise<readonly WrittenFile[]> {
  const files: WrittenFile[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.push({ name: relative(folder, path).split(sep).join('/'), bytes: (await stat(path)).size });
  }
  return files.sort((left, right) => (left.name < right.name ? -1 : 1));
}

/**
 * Copies what other tools read beside the graph: every published .json and .txt file, and the weights of the steps
 * after the transformer, which sentence-transformers applies itself. tokenizer.json is left to the caller, and
 * `model_max_length` becomes the length at which the model really cuts: transformers.js knows no other limit.
 */
export async function copyConfiguration(files: ModelFiles, record: ModelRecord, folder: string): Promise<void> {
  const transformerFile = (name: string): string => insideFolder(record.transformerPath, name);
  const heads = record.pipeline.flatMap((module) => ('path' in module ? [`${module.path}/`] : []));
  const omitted = new Set(
    ['tokenizer.json', 'tokenizer_config.json', 'model.safetensors.index.json'].map((name) => transformerFile(name)),
  );
  for (const file of files.files.values()) {
    const ofHead = heads.some((path) => file.name.startsWith(path)) && file.name.endsWith('.safetensors');
    if (omitted.has(file.name) || !(ofHead || /\.(json|txt)$/.test(file.name))) continue;
    const target = join(folder, ...file.name.split('/'));
    await mkdir(dirname(target), { recursive: true });
    await copyFile(file.path, target);
  }
  const name = transformerFile('tokenizer_config.json');
  const published = await readModelFile(files, name, MAX_TOKENIZER_CONFIG_BYTES);
  const settings = published === undefined ? {} : parseJsonObject(published, name);
  const limited = { ...settings, model_max_length: record.maxSequenceLength };
  await mkdir(join(folder, record.transformerPath), { recursive: true });
  await writeNewFile(join(folder, ...name.split('/')), `${JSON.stringify(limited, undefined, 2)}\n`);
}
