import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type JsonObject, parseJsonObject } from '../../formats/json/parse-json.js';
import { errorMessage, IsovecError, systemErrorCode } from '../../shared/isovec-error.js';

/** The name under which a configuration file is looked for. */
export const CONFIGURATION_NAME = 'isovec.config.json';

/** A configuration file that was read; nothing in it is checked yet. */
export interface ConfigurationFile {
  /** Absolute. */
  readonly path: string;
  readonly values: JsonObject;
}

/** What is larger is no configuration: it must not fill the memory (CWE-400). */
const MAX_BYTES = 1024 * 1024;

const WAY_OUT = 'Correct the file, name another one with --config FILE, or read none with --no-config.';

/**
 * The nearest isovec.config.json: in a folder or above it, up to the home folder or the root of the file system.
 * CONFIG_INVALID if it is there and cannot be read.
 */
export function findConfiguration(folder: string, home: string): ConfigurationFile | undefined {
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    const file = path.join(current, CONFIGURATION_NAME);
    if (exists(file)) return readConfiguration(file);
    if (current === path.resolve(home) || current === path.dirname(current)) return undefined;
  }
}

/** Reads a configuration file. CONFIG_INVALID naming the file, and what is wrong with it. */
export function readConfiguration(file: string): ConfigurationFile {
  const location = path.resolve(file);
  try {
    const status = statSync(location);
    if (!status.isFile()) throw invalid(location, 'is not a file');
    if (status.size > MAX_BYTES) throw invalid(location, `is larger than ${MAX_BYTES} bytes`);
    return { path: location, values: parseJsonObject(readFileSync(location), location) };
  } catch (error) {
    if (error instanceof IsovecError) {
      if (error.code === 'CONFIG_INVALID') throw error;
      throw new IsovecError('CONFIG_INVALID', `${error.message} ${WAY_OUT}`, {
        cause: error,
        data: { file: location },
      });
    }
    const code = systemErrorCode(error);
    if (code === 'ENOENT') throw invalid(location, 'does not exist', error);
    throw invalid(location, `cannot be read (${code ?? errorMessage(error)})`, error);
  }
}

/** A folder that may not be searched holds no configuration for us. */
function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

function invalid(file: string, rule: string, cause?: unknown): IsovecError {
  return new IsovecError('CONFIG_INVALID', `The configuration file ${file} ${rule}. ${WAY_OUT}`, {
    ...(cause === undefined ? {} : { cause }),
    data: { file },
  });
}
