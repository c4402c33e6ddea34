import { execFileSync } from 'node:child_process';
import { lstat, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { folderEntry, type ImageEntry, textEntry } from '../../scripts/image/image-entry.js';
import { tarArchive } from '../../scripts/image/tar-archive.js';

const LONG = `/opt/${'folder/'.repeat(14)}${'n'.repeat(60)}.js`;
const ENTRIES: readonly ImageEntry[] = [
  textEntry('/usr/bin/tool', '#!/bin/sh\n', 0o755),
  textEntry('/etc/empty', ''),
  textEntry(LONG, 'x'.repeat(1000)),
  folderEntry('/tmp', 0, 0o1777),
  folderEntry('/var/state', 65_532),
  { path: '/usr/bin/link', mode: 0o777, owner: 0, content: { kind: 'link', target: 'tool' } },
];

async function unpack(archive: Buffer): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'isovec-tar-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(path.join(folder, 'archive.tar'), archive);
  return folder;
}

function tar(folder: string, ...args: string[]): string {
  return execFileSync('tar', args, { cwd: folder, encoding: 'utf8', env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' } });
}

describe('a tar archive', () => {
  it('is what tar takes it for: owners, modes, times, links and folders on the way', async () => {
    const folder = await unpack(tarArchive(ENTRIES));
    const listed = tar(folder, '--list', '--verbose', '--numeric-owner', '--file', 'archive.tar').trim().split('\n');
    expect(listed.map((line) => line.replaceAll(/\s+/g, ' ')).filter((line) => !line.includes('/folder/'))).toEqual([
      'drwxr-xr-x 0/0 0 1980-01-01 00:00 etc/',
      '-rw-r--r-- 0/0 0 1980-01-01 00:00 etc/empty',
      'drwxr-xr-x 0/0 0 1980-01-01 00:00 opt/',
      'drwxrwxrwt 0/0 0 1980-01-01 00:00 tmp/',
      'drwxr-xr-x 0/0 0 1980-01-01 00:00 usr/',
      'drwxr-xr-x 0/0 0 1980-01-01 00:00 usr/bin/',
      'lrwxrwxrwx 0/0 0 1980-01-01 00:00 usr/bin/link -> tool',
      '-rwxr-xr-x 0/0 10 1980-01-01 00:00 usr/bin/tool',
      'drwxr-xr-x 0/0 0 1980-01-01 00:00 var/',
      'drwxr-xr-x 65532/65532 0 1980-01-01 00:00 var/state/',
    ]);
  });

  it('gives back every content', async () => {
    const folder = await unpack(tarArchive(ENTRIES));
    tar(folder, '--extract', '--no-same-owner', '--file', 'archive.tar');
    expect(await readFile(path.join(folder, LONG), 'utf8')).toBe('x'.repeat(1000));
    expect(await readlink(path.join(folder, 'usr/bin/link'))).toBe('tool');
    expect((await lstat(path.join(folder, 'etc/empty'))).size).toBe(0);
  });

  it('has the same bytes in whatever order its entries come', () => {
    expect(tarArchive([...ENTRIES].reverse()).equals(tarArchive(ENTRIES))).toBe(true);
  });

  it('refuses a name that the format cannot hold', () => {
    expect(() => tarArchive([textEntry(`/${'n'.repeat(101)}`, '')])).toThrow('too long');
  });
});
