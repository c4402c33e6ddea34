import { IsovecError, isIsovecError, systemErrorCode } from '../../shared/isovec-error.js';

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const FORBIDDEN: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);
const NOT_A_FOLDER: ReadonlySet<string> = new Set(['ENOTDIR', 'EEXIST', 'ELOOP']);

/**
 * What a failure to use the cache means to a user: STORAGE_FULL if the disk or a quota is full, SOURCE_FORBIDDEN if the
 * cache may not be used, CONFIG_INVALID if its path is no folder; anything else is returned as it is.
 * `data.cacheRoot` marks the error as one that no other source can mend.
 */
export function storageError(error: unknown, cacheRoot: string): unknown {
  if (isIsovecError(error)) return error;
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  const options = { cause: error, data: { cacheRoot, systemCode: code } };
  if (FULL.has(code)) {
    return new IsovecError(
      'STORAGE_FULL',
      `There is no room left for the model cache ${cacheRoot} (${code}). Free some space, remove models with ` +
        "'isovec models remove ID', or set ISOVEC_HOME to a folder on another disk.",
      options,
    );
  }
  if (FORBIDDEN.has(code)) {
    return new IsovecError(
      'SOURCE_FORBIDDEN',
      `The model cache ${cacheRoot} cannot be read and written (${code}). Change the folder's permissions, or set ISOVEC_HOME to ` +
        'a folder that is.',
      options,
    );
  }
  if (NOT_A_FOLDER.has(code)) {
    return new IsovecError(
      'CONFIG_INVALID',
      `The model cache ${cacheRoot} cannot be used (${code}): a part of the path is not a folder. Set ISOVEC_HOME ` +
        'to a folder.',
      options,
    );
  }
  return error;
}

/** Runs work on the cache; its failures are those of {@link storageError}. */
export async function withStorageErrors<T>(cacheRoot: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageError(error, cacheRoot);
  }
}
