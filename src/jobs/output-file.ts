import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { IsovecError, systemErrorCode } from '../shared/isovec-error.js';

/**
 * The file that a flag names, links followed, so that replacing it replaces what the link leads to. CONFIG_INVALID for
 * a folder or a device, which a rename would destroy.
 */
export async function resolveOutputFile(name: string): Promise<string> {
  try {
    const target = await realpath(name);
    if (!(await stat(target)).isFile()) {
      throw new IsovecError('CONFIG_INVALID', `${name} is not a file. Name a file to write, or use a pipe.`);
    }
    return target;
  } catch (error) {
    const code = systemErrorCode(error);
    if (error instanceof IsovecError || code === undefined) throw error;
    if (code === 'ENOENT') return path.resolve(name);
    throw new IsovecError('CONFIG_INVALID', `${name} cannot be written (${code}).`, { cause: error });
  }
}
