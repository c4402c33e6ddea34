import { readFailure } from '../../files/rows/open-input-file.js';

/** What a call of the file system gives, or INPUT_INVALID that names the path and says what is wrong with it. */
export async function accessPath<T>(file: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw readFailure(file, cause);
  }
}
