import { execFile } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { onTestFinished } from 'vitest';

import { temporaryFolder } from '../acquire/acquisition.js';

const execute = promisify(execFile);
const BYTES = 8 * 1024 * 1024;

/** A file system of its own of a few megabytes; needs Linux and root. */
export class SmallDisk {
  readonly root: string;
  readonly #filler: string;

  private constructor(root: string) {
    this.root = root;
    this.#filler = path.join(root, 'filler');
  }

  /** Undefined where nothing can be mounted; the reason is printed, so that nobody takes a skipped test for a passed one. */
  static async mount(): Promise<SmallDisk | undefined> {
    const folder = path.join(await temporaryFolder(), 'disk');
    await mkdir(folder);
    try {
      await execute('mount', ['-t', 'tmpfs', '-o', `size=${BYTES}`, 'tmpfs', folder]);
    } catch (error) {
      process.stderr.write(
        `SKIPPED: a tmpfs cannot be mounted here (${String(error).split('\n')[0] ?? ''}); run as root.\n`,
      );
      return undefined;
    }
    onTestFinished(async () => {
      await execute('umount', [folder]);
    });
    return new SmallDisk(folder);
  }

  /** Pages that are used. */
  async used(): Promise<number> {
    const { blocks, bfree } = await statfs(this.root);
    return blocks - bfree;
  }

  async pageSize(): Promise<number> {
    return (await statfs(this.root)).bsize;
  }

  /** Fills it up to so many pages. */
  async leave(pages: number): Promise<void> {
    const { bfree, bsize } = await statfs(this.root);
    await writeFile(this.#filler, Buffer.alloc(Math.max(0, bfree - pages) * bsize));
  }

  async makeRoom(): Promise<void> {
    await rm(this.#filler, { force: true });
  }

  async makeReadOnly(): Promise<void> {
    await execute('mount', ['-o', 'remount,ro', this.root]);
  }
}
