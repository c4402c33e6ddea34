import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { finished, jsonLines, MAIN, start, temporaryFolder, tinyModel } from './command-line.js';

const { folder: model } = tinyModel('bert-mean');

/** Feeds lines for as long as they are taken. */
function feed(stdin: NodeJS.WritableStream): void {
  stdin.on('error', () => undefined);
  const line = 'a text among very many others\n'.repeat(1000);
  const more = (): void => {
    while (stdin.writable && stdin.write(line));
  };
  stdin.on('drain', more);
  more();
}

describe('a reader that leaves', () => {
  it('ends the work quietly', async () => {
    await using home = await temporaryFolder();
    const child = start(['embed', '--model', model, '-q'], { environment: { ISOVEC_HOME: home.path } });
    const end = finished(child);
    feed(child.stdin);
    child.stdout.once('data', () => child.stdout.destroy());
    const { code, signal, stderr } = await end;
    expect([code, signal, stderr]).toEqual([0, null, '']);
  });
});

describe('Ctrl-C', () => {
  it('ends an endless embedding with status 130 and leaves what can be resumed', async () => {
    await using home = await temporaryFolder();
    const out = path.join(home.path, 'out.jsonl');
    const args = ['embed', '--model', model, '--out', out, '--json'];
    const child = start(args, { environment: { ISOVEC_HOME: path.join(home.path, 'cache') } });
    const end = finished(child);
    feed(child.stdin);
    await until(async () => (await linesOf(`${out}.job`)) >= 2);
    child.kill('SIGINT');
    const { code, signal, stderr } = await end;
    expect([code, signal]).toEqual([130, null]);
    const events = jsonLines(stderr);
    expect(events.at(-1)).toMatchObject({ error: { code: 'ABORTED' } });
    expect(events.at(-2)).toMatchObject({ event: 'notice', message: expect.stringContaining('--resume') as string });
    const left = (await readdir(home.path)).filter((name) => name !== 'cache');
    expect(left.sort()).toEqual(['out.jsonl.job', 'out.jsonl.part', 'out.jsonl.refused.jsonl.part']);
  });

  it('twice ends at once, as the signal itself would, and leaves no result', async () => {
    await using home = await temporaryFolder();
    const out = path.join(home.path, 'out.npy');
    const child = start(['embed', '--model', model, '--out', out], {
      environment: { ISOVEC_HOME: path.join(home.path, 'cache') },
    });
    const end = finished(child);
    feed(child.stdin);
    await until(async () => (await linesOf(`${out}.job`)) >= 1);
    child.kill('SIGINT');
    child.kill('SIGTERM');
    const { code, signal } = await end;
    // The first may have been enough, and both may arrive in either order.
    expect([130, 'SIGINT', 'SIGTERM']).toContain(code ?? signal);
    expect(await readdir(home.path)).not.toContain('out.npy');
  });

  it('ends waiting for standard input', async () => {
    await using home = await temporaryFolder();
    const child = start(['embed', '--model', model, '-q'], { environment: { ISOVEC_HOME: home.path } });
    const end = finished(child);
    await until(async () => (await readdir(home.path)).includes('prepared'));
    child.kill('SIGINT');
    const { code, signal, stdout } = await end;
    expect([130, 'SIGINT']).toContain(code ?? signal);
    expect(stdout.length).toBe(0);
  });
});

describe('a full disk', () => {
  it.runIf(existsSync('/dev/full'))('behind standard output is STORAGE_FULL, not silence', async () => {
    await using home = await temporaryFolder();
    const full = openSync('/dev/full', 'w');
    const result = spawnSync(process.execPath, [MAIN, 'embed', '--model', model, '-q', 'x'], {
      env: { ...process.env, ISOVEC_HOME: home.path, ISOVEC_OFFLINE: '1' },
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect([result.status, result.stderr]).toEqual([3, expect.stringContaining('[STORAGE_FULL]')]);
  });
});

/** Lines of a file; 0 where there is none. */
async function linesOf(file: string): Promise<number> {
  return (await readFile(file, 'utf8').catch(() => '')).split('\n').length - 1;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
