import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const BUILD_RECORD = path.join(ROOT, 'dist/.tsbuildinfo');

/**
 * Tests run the build output. `npm test` builds first; whoever starts vitest directly is told when the sources have
 * changed since. Contents are compared, not times: the compiler leaves its output alone when only a time has changed.
 */
export default function setup(): void {
  if (!existsSync(BUILD_RECORD))
    throw new Error('dist/ is not built: run `npm run build` (or `npm test`, which does).');
  const stale = changedSources(readFileSync(BUILD_RECORD, 'utf8'));
  if (stale.length === 0) return;
  const more = stale.length > 5 ? `\n  and ${stale.length - 5} more` : '';
  process.stderr.write(
    `\nThe tests below use an OLD BUILD of:\n  ${stale.slice(0, 5).join('\n  ')}${more}\nRun \`npm run build\`.\n\n`,
  );
}

/** The sources whose content is not the one that the compiler recorded (SHA-256 of the text). */
function changedSources(record: string): string[] {
  const { fileNames, fileInfos } = JSON.parse(record) as {
    readonly fileNames: readonly string[];
    readonly fileInfos: readonly (string | { readonly version: string })[];
  };
  return fileNames.flatMap((name, index) => {
    const file = path.relative(ROOT, path.resolve(path.dirname(BUILD_RECORD), name));
    if (!file.startsWith(`src${path.sep}`)) return [];
    const info = fileInfos[index];
    const built = typeof info === 'string' ? info : info?.version;
    const source = path.join(ROOT, file);
    const current = existsSync(source) ? createHash('sha256').update(readFileSync(source, 'utf8')).digest('hex') : '';
    return current === built ? [] : [file];
  });
}
