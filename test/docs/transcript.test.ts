import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { runTranscript, withoutTimes } from '../../scripts/transcript.js';
import { loadRealModel } from '../support/real-model.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

describe('the console session of README.md', () => {
  it('is what its commands print', async () => {
    // Nothing is fetched while they run.
    await (await loadRealModel()).close();
    const readme = await readFile(path.join(ROOT, 'README.md'), 'utf8');
    const commands = readme.match(/^\$ isovec /gm) ?? [];
    expect(commands.length).toBeGreaterThan(4);
    const again = await runTranscript(readme, path.join(ROOT, 'dist/cli/main.js'));
    expect(withoutTimes(again)).toBe(withoutTimes(readme));
  });
});
