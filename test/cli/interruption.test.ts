import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { finished, MAIN, start, temporaryFolder, tinyModel } from './command-line.js';

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
  it('ends an endless embedding with status 130 and leaves no partial file', async () => {
    await using home = await temporaryFolder();
    const out = path.join(home.path, 'out.jsonl');
    const args = ['embed', '--model', model, '--out', out, '--json'];
    const child = start(args, { environment: { ISOVEC_HOME: path.join(home.path, 'cache') } });
    const end = finished(child);
    feed(child.stdin);
    await until(async () => (await readdir(home.path)).some((name) => name.startsWith('.isovec-')));
    child.kill('SIGINT');
    const { code, signal, stderr } = await end;
    expect([code, signal]).toEqual([130, null]);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'ABORTED' } });
    expect((await readdir(home.path)).filter((name) => name !== 'cache')).toEqual([]);
  });

  it('twice ends at once, as the signal itself would, and leaves no partial file', async () => {
    await using home = await temporaryFolder();
    const out = path.join(home.path, 'out.npy');
    const child = start(['embed', '--model', model, '--out', out], {
      environment: { ISOVEC_HOME: path.join(home.path, 'cache') },
    });
    const end = finished(child);
    feed(child.stdin);
    await until(async () => (await readdir(home.path)).some((name) => name.startsWith('.isovec-')));
    child.kill('SIGINT');
    child.kill('SIGTERM');
    const { code, signal } = await end;
    // The first may have been enough, and both may arrive in either order.
    expect([130, 'SIGINT', 'SIGTERM']).toContain(code ?? signal);
    expect((await readdir(home.path)).filter((name) => name !== 'cache')).toEqual([]);
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

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
