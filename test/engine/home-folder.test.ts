import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

import { homeFolder } from '#src/engine/home-folder.js';

const MODULE = pathToFileURL(path.resolve(import.meta.dirname, '../../dist/engine/home-folder.js')).href;

it('is the home of the user', () => {
  expect(homeFolder()).toBe(homedir());
});

// Only root may become somebody else.
it.runIf(process.getuid?.() === 0)(
  'is the root of the file system for a number without a name, as containers have',
  () => {
    const code = `
    const { homeFolder } = await import(${JSON.stringify(MODULE)});
    process.setuid(65532);
    console.log(homeFolder());`;
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'HOME'));
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
      encoding: 'utf8',
      env,
    });
    expect([stderr, stdout]).toEqual(['', '/\n']);
  },
);
