import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * Counts what removing files gives back to the disk. Snapshots and blobs are hard links to the same content, which is
 * freed with its last link; links are counted over everything that goes, so that it can be told before it goes.
 */
export class LinkLedger {
  readonly #linksLeft = new Map<string, number>();

  /** Bytes that the disk has back when these files and folders go, too. What does not exist counts nothing. */
  async freedBy(paths: readonly string[]): Promise<number> {
    let bytes = 0;
    for (const item of paths) bytes += await this.#freedByOne(item);
    return bytes;
  }

  async #freedByOne(item: string): Promise<number> {
    // Things come and go while others work in the cache.
    const status = await lstat(item).catch(() => undefined);
    if (status === undefined) return 0;
    if (status.isDirectory()) {
      const names = await readdir(item).catch(() => []);
      return this.freedBy(names.map((name) => path.join(item, name)));
    }
    const inode = `${status.dev}/${status.ino}`;
    const left = (this.#linksLeft.get(inode) ?? status.nlink) - 1;
    this.#linksLeft.set(inode, left);
    return left <= 0 ? status.size : 0;
  }
}
