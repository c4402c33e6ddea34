import { randomBytes } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { chmod, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { IsovecError, systemErrorCode } from '../../shared/isovec-error.js';
import type { ByteSink } from './byte-sink.js';

/** A file that nobody sees until it is complete; left unpublished it vanishes, also when the process is interrupted. */
export class TemporaryFile implements ByteSink {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #removeAtExit: () => void;
  #open = true;

  private constructor(location: string, file: FileHandle) {
    this.#path = location;
    this.#file = file;
    this.#removeAtExit = () => {
      try {
        unlinkSync(location);
      } catch {
        // Already gone: it was published or discarded.
      }
    };
    process.once('exit', this.#removeAtExit);
  }

  /** Makes an empty file in a folder. CONFIG_INVALID if the folder is not there or may not be written. */
  static async create(folder: string): Promise<TemporaryFile> {
    const location = path.join(folder, `.isovec-${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
    try {
      return new TemporaryFile(location, await open(location, 'wx+'));
    } catch (error) {
      throw outputError(folder, error);
    }
  }

  /** Appends. STORAGE_FULL. */
  async write(data: string | Uint8Array): Promise<void> {
    try {
      await this.#file.appendFile(data);
    } catch (error) {
      throw outputError(path.dirname(this.#path), error);
    }
  }

  /** Replaces the first bytes: for headers that say how much follows. */
  async overwriteStart(bytes: Uint8Array): Promise<void> {
    await this.#file.write(bytes, 0, bytes.length, 0);
  }

  /** Gives the file its name, durably; a file of that name is replaced, and its permissions are kept. */
  async publish(target: string): Promise<void> {
    try {
      const mode = await stat(target).then(
        (status) => status.mode & 0o777,
        () => undefined,
      );
      if (mode !== undefined) await chmod(this.#path, mode);
      await this.#file.sync();
      await rename(this.#path, target);
    } catch (error) {
      throw outputError(target, error);
    }
    await this.discard();
  }

  async copyTo(sink: ByteSink): Promise<void> {
    const stream = this.#file.createReadStream({ start: 0, autoClose: false });
    // A stream without an encoding gives bytes.
    for await (const chunk of stream) await sink.write(chunk as Uint8Array);
  }

  /** Idempotent. */
  async discard(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#file.close();
    await rm(this.#path, { force: true });
    process.removeListener('exit', this.#removeAtExit);
  }
}

function outputError(target: string, error: unknown): IsovecError {
  const code = systemErrorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new IsovecError('STORAGE_FULL', `There is no room left on the disk for ${target}.`, { cause: error });
  }
  const reason = code === 'ENOENT' ? 'the folder does not exist' : (code ?? 'unknown reason');
  return new IsovecError('CONFIG_INVALID', `${target} cannot be written (${reason}); choose another place.`, {
    cause: error,
  });
}
