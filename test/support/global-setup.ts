import { existsSync } from 'node:fs';
import path from 'node:path';

import { changedSources } from './changed-sources.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const BUILD_RECORD = path.join(ROOT, 'dist/.tsbuildinfo');

/** Tests run the build output. `npm test` builds first; whoever starts vitest directly is told when it is old. */
export default function setup(): void {
  if (!existsSync(BUILD_RECORD)) {
    throw new Error('dist/ is not built: run `npm run build` (or `npm test`, which does).');
  }
  const stale = changedSources(ROOT, BUILD_RECORD);
  if (stale.length === 0) return;
  const more = stale.length > 5 ? `\n  and ${stale.length - 5} more` : '';
  process.stderr.write(
    `\nThe tests below use an OLD BUILD of:\n  ${stale.slice(0, 5).join('\n  ')}${more}\nRun \`npm run build\`.\n\n`,
  );
}
