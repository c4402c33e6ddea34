import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const IGNORED_FOLDERS: ReadonlySet<string> = new Set(['node_modules', '.git', '.cache', '__pycache__', 'coverage']);

/**
 * Every file below `folder` whose name ends in one of `endings`, as sorted paths from `root` with '/' separators.
 * A folder that does not exist has no files. Symbolic links are not followed.
 */
export function listFiles(root: string, folder: string, endings: readonly string[]): string[] {
  const found: string[] = [];
  const walk = (directory: string): void => {
    for (const entry of readdirSync(path.join(root, directory), { withFileTypes: true })) {
      const name = directory === '' ? entry.name : `${directory}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!IGNORED_FOLDERS.has(entry.name)) walk(name);
      } else if (entry.isFile() && endings.some((ending) => entry.name.endsWith(ending))) {
        found.push(name);
      }
    }
  };
  if (existsSync(path.join(root, folder))) walk(folder);
  return found.sort();
}

/** The text of a file of the repository. */
export function readSource(root: string, file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

/** Whether `file` matches a glob of `*` (inside one segment) and `**` (any number of segments). */
export function matchesGlob(file: string, glob: string): boolean {
  const pattern = glob.replaceAll(/\*\*|\*|[.+?^${}()|[\]\\]/g, (part) => {
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : `\\${part}`;
  });
  return new RegExp(`^${pattern}$`).test(file);
}
