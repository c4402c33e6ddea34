import { readFile } from 'node:fs/promises';

import { parseJson, parseJsonObject } from '../../formats/json/parse-json.js';
import { errorMessage, IsovecError, systemErrorCode } from '../../shared/isovec-error.js';
import type { ModelFile, ModelFiles } from '../model-files.js';
import { ConfigFields } from './config-fields.js';

/** Configuration files hold kilobytes; a limit keeps a mislabelled weight file out of memory (CWE-400). */
const MAX_CONFIG_BYTES = 16 * 1024 * 1024;

/** The fields of a JSON object file, or undefined if the model has no such file. FORMAT_INVALID as in parseJson. */
export async function readConfigFile(files: ModelFiles, name: string): Promise<ConfigFields | undefined> {
  const bytes = await readModelFile(files, name, MAX_CONFIG_BYTES);
  return bytes === undefined ? undefined : new ConfigFields(name, parseJsonObject(bytes, name));
}

/** As {@link readConfigFile}; MODEL_FILE_MISSING, naming the file and `need`, if the model has no such file. */
export async function requireConfigFile(files: ModelFiles, name: string, need: string): Promise<ConfigFields> {
  const fields = await readConfigFile(files, name);
  if (fields !== undefined) return fields;
  throw new IsovecError('MODEL_FILE_MISSING', `${name} is missing from ${files.id}: ${need}.`, {
    data: { file: name },
  });
}

/** The value of a JSON file of any kind, or undefined if the model has no such file. */
export async function readJsonFile(files: ModelFiles, name: string): Promise<unknown> {
  const bytes = await readModelFile(files, name, MAX_CONFIG_BYTES);
  return bytes === undefined ? undefined : parseJson(bytes, name);
}

/**
 * The bytes of one of the model's small files, or undefined if the model has no such file.
 * FORMAT_INVALID beyond `limit` bytes, SOURCE_FORBIDDEN or MODEL_FILE_MISSING if it can no longer be read.
 */
export async function readModelFile(files: ModelFiles, name: string, limit: number): Promise<Uint8Array | undefined> {
  const file = files.files.get(name);
  if (file === undefined) return undefined;
  if (file.size > limit) {
    throw new IsovecError('FORMAT_INVALID', `${name} has ${file.size} bytes; at most ${limit} are read.`, {
      data: { file: name },
    });
  }
  try {
    return await readFile(file.path);
  } catch (cause) {
    throw modelFileError(file, cause);
  }
}

/** The error of a listed file that could not be opened or read. */
export function modelFileError(file: ModelFile, cause: unknown): IsovecError {
  const code = systemErrorCode(cause);
  const detail = code ?? errorMessage(cause);
  return code === 'ENOENT'
    ? new IsovecError('MODEL_FILE_MISSING', `${file.name} was removed while the model was being read.`, { cause })
    : new IsovecError('SOURCE_FORBIDDEN', `${file.name} cannot be read (${detail}).`, {
        cause,
        data: { file: file.name },
      });
}
