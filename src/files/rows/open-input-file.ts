import { open, type FileHandle } from 'node:fs/promises';
import { IsovecError, systemErrorCode } from '../../shared/isovec-error.js';

/** A file that was opened for reading. */
export interface InputFile {
  readonly handle: FileHandle;
  /** Bytes; undefined for pipes and devices. */
  readonly byteCount: number | undefined;
}

/** Opens a file of rows. INPUT_INVALID if there is none, it is a folder or empty, or it may not be read. */
export async function openInputFile(file: string): Promise<InputFile> {
  let handle: FileHandle | undefined;
  let rule = 'is a folder. Name a file in it.';
  try {
    handle = await open(file, 'r');
    const stat = await handle.stat();
    if (!stat.isFile() && !stat.isDirectory()) return { handle, byteCount: undefined };
    if (stat.isFile() && stat.size > 0) return { handle, byteCount: stat.size };
    // What should have written it has most likely failed.
    if (stat.isFile()) rule = 'is empty. Write it again, or name another file.';
  } catch (cause) {
    await handle?.close();
    throw readFailure(file, cause);
  }
  await handle.close();
  throw new IsovecError('INPUT_INVALID', `${file} ${rule}`, { data: { file } });
}

/** Why a file or stream cannot be read. INPUT_INVALID. */
export function readFailure(file: string, cause: unknown): IsovecError {
  const code = systemErrorCode(cause);
  const rule =
    code === 'ENOENT'
      ? 'does not exist. Check the name, and the folder it is looked for in.'
      : code === 'EACCES' || code === 'EPERM'
        ? 'may not be read by this user. Change its permissions.'
        : `cannot be read (${code ?? 'unknown error'}).`;
  return new IsovecError('INPUT_INVALID', `${file} ${rule}`, {
    cause,
    data: { file, ...(code !== undefined && { code }) },
  });
}
