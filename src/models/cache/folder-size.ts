import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** Bytes of all files below a folder; hard links to one file count once, and what cannot be read not at all. */
export async function folderSize(root: string): Promise<number> {
  const seen = new Set<string>();
  let bytes = 0;
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile()) continue;
    // Files come and go while others work in the cache.
    const status = await stat(path.join(entry.parentPath, entry.name)).catch(() => undefined);
    if (status === undefined || seen.has(`${status.dev}/${status.ino}`)) continue;
    seen.add(`${status.dev}/${status.ino}`);
    bytes += status.size;
  }
  return bytes;
}
