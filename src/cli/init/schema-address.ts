import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The same relative path leads from src/cli/init and from dist/cli/init. */
const SCHEMA: string = fileURLToPath(new URL('../../../data/isovec.config.schema.json', import.meta.url));

/** The schema of this installation as an editor finds it from a folder: by a path below it, else by an address. */
export function schemaAddress(folder: string, schema: string = SCHEMA): string {
  const relative = path.relative(folder, schema);
  if (relative.startsWith('..') || path.isAbsolute(relative)) return pathToFileURL(schema).href;
  return `./${relative.split(path.sep).join('/')}`;
}
