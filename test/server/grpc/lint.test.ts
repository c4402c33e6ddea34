import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const buf = promisify(execFile);

it.each(['lint', 'build'])('the contracts pass buf %s', async (command) => {
  const { stdout } = await buf('../node_modules/.bin/buf', [command], { cwd: 'proto', timeout: 60_000 });
  expect(stdout).toBe('');
});
