import { IsovecError, isIsovecError, systemErrorCode } from '../../shared/isovec-error.js';

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const FORBIDDEN: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);
const NOT_A_FOLDER: ReadonlySet<string> = new Set(['ENOTDIR', 'EEXIST', 'ELOOP']);

/** What a folder is to the user: isovec's own cache, or one that a command was asked to write. */
export type StoragePlace = 'cache' | 'output';

const WORDS: Readonly<Record<StoragePlace, { subject: string; makeRoom: string; elsewhere: string }>> = {
  cache: {
    subject: 'model cache',
    makeRoom: "Free some space, remove models with 'isovec models remove ID', or",
    elsewhere: 'set ISOVEC_HOME to a folder',
  },
  output: { subject: 'output folder', makeRoom: 'Free some space, or', elsewhere: 'choose a folder' },
};

/**
 * What a failure to use a folder means to a user: STORAGE_FULL if the disk or a quota is full, SOURCE_FORBIDDEN if the
 * folder may not be used, CONFIG_INVALID if its path is no folder; anything else is returned as it is.
 * `data.cacheRoot` marks an error of the cache as one that no other source can mend.
 */
export function storageError(error: unknown, folder: string, place: StoragePlace = 'cache'): unknown {
  if (isIsovecError(error)) return error;
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  const where = place === 'cache' ? { cacheRoot: folder } : { folder };
  const options = { cause: error, data: { ...where, systemCode: code } };
  const { subject, makeRoom, elsewhere } = WORDS[place];
  if (FULL.has(code)) {
    return new IsovecError(
      'STORAGE_FULL',
      `There is no room left for the ${subject} ${folder} (${code}). ${makeRoom} ${elsewhere} on another disk.`,
      options,
    );
  }
  if (FORBIDDEN.has(code)) {
    return new IsovecError(
      'SOURCE_FORBIDDEN',
      `The ${subject} ${folder} cannot be read and written (${code}). Change the folder's permissions, or ${elsewhere} that is.`,
      options,
    );
  }
  if (NOT_A_FOLDER.has(code)) {
    const way = elsewhere.charAt(0).toUpperCase() + elsewhere.slice(1);
    return new IsovecError(
      'CONFIG_INVALID',
      `The ${subject} ${folder} cannot be used (${code}): a part of the path is not a folder. ${way}.`,
      options,
    );
  }
  return error;
}

/** Runs work on a folder; its failures are those of {@link storageError}. */
export async function withStorageErrors<T>(
  folder: string,
  work: () => Promise<T>,
  place: StoragePlace = 'cache',
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageError(error, folder, place);
  }
}
