import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);

describe('the example of README.md', () => {
  it('is examples/first-vectors.ts, word for word', async () => {
    const readme = await readFile('README.md', 'utf8');
    const example = await readFile('examples/first-vectors.ts', 'utf8');
    expect(/```ts\n([\s\S]*?)```/.exec(readme)?.[1]).toBe(example);
  });

  it('runs, and scores the answer to the question above the other sentence', async () => {
    const { stdout } = await run('node_modules/.bin/tsx', ['examples/first-vectors.ts'], { timeout: 100_000 });
    const scores = /\[\s*([\d.]+),\s*([\d.-]+)\s*\]/.exec(stdout);
    expect(Number(scores?.[1])).toBeGreaterThan(0.5);
    expect(Number(scores?.[1])).toBeGreaterThan(Number(scores?.[2]) + 0.3);
  });
});
