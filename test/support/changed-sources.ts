import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** The part of the compiler's build record that is read: a SHA-256 of the text of every file it compiled. */
const recordSchema = z.object({
  fileNames: z.array(z.string()),
  fileInfos: z.array(z.union([z.string(), z.object({ version: z.string() })])),
});

/**
 * Sources under src/ whose content differs from what the compiler recorded in `recordFile`. Contents are compared, not
 * times: the compiler leaves its output alone when only a time has changed.
 */
export function changedSources(root: string, recordFile: string): string[] {
  const { fileNames, fileInfos } = recordSchema.parse(JSON.parse(readFileSync(recordFile, 'utf8')));
  return fileNames.flatMap((name, index) => {
    const source = path.resolve(path.dirname(recordFile), name);
    const file = path.relative(root, source).replaceAll(path.sep, '/');
    if (!file.startsWith('src/')) return [];
    const info = fileInfos[index];
    const built = typeof info === 'string' ? info : info?.version;
    const current = existsSync(source) ? createHash('sha256').update(readFileSync(source, 'utf8')).digest('hex') : '';
    return current === built ? [] : [file];
  });
}
