import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { runTranscript, TRANSCRIPTS, withoutTimes } from '../../scripts/transcript.js';
import { loadRealModel } from '../support/real-model.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

describe('the console session of', () => {
  it.each(TRANSCRIPTS)('%s is what its commands print', async (file) => {
    // Nothing is fetched while they run.
    await (await loadRealModel()).close();
    const document = await readFile(path.join(ROOT, file), 'utf8');
    const commands = document.match(/^\$ isovec /gm) ?? [];
    expect(commands.length).toBeGreaterThan(1);
    const again = await runTranscript(document, path.join(ROOT, 'dist/cli/main.js'));
    expect(withoutTimes(again)).toBe(withoutTimes(document));
  });
});
