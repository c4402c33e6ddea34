import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { parseLog } from '#src/memory/sources/git/parse-log.js';
import { commitMemories } from '#src/memory/sources/git/commit-memories.js';
import { readGitHistory } from '#src/memory/sources/read-git-history.js';
import { git, makeRepository } from './support/repository.js';
import { temporaryFolder } from './support/temporary-folder.js';

const DAY = 86_400;

async function threeCommits(): Promise<{ folder: string; hashes: readonly string[] }> {
  const folder = await temporaryFolder();
  const hashes = await makeRepository(folder, [
    { message: 'first: begin', files: { 'src/a.ts': '1', 'readme.md': '1' }, at: DAY },
    { message: 'second: go on\n\nBecause it must.', files: { 'src/a.ts': '2', 'docs/b.md': '2' }, at: 2 * DAY },
    { message: 'third: end', files: { 'test/c.ts': '3' }, at: 3 * DAY, author: 'Grace Höpper' },
  ]);
  return { folder, hashes };
}

describe('the history of a git repository as memories', () => {
  it('tells message, author, moment, paths and top-level folders of each commit, newest first', async () => {
    const { folder, hashes } = await threeCommits();
    const { source, memories, limited, shallow } = await readGitHistory(folder);
    expect({ source, limited, shallow }).toEqual({
      source: { path: folder, type: 'git' },
      limited: false,
      shallow: false,
    });
    expect(memories).toMatchObject([
      {
        content: 'third: end',
        level: 2,
        kind: 'episodic',
        tags: ['test'],
        source,
        sourceAt: 3 * DAY * 1_000,
        metadata: { hash: hashes[2], author: 'Grace Höpper', paths: ['test/c.ts'], pathCount: 1 },
      },
      {
        content: 'second: go on\n\nBecause it must.',
        tags: ['docs', 'src'],
        metadata: { paths: ['docs/b.md', 'src/a.ts'] },
      },
      { content: 'first: begin', tags: ['src'], metadata: { paths: ['readme.md', 'src/a.ts'], author: 'Ada' } },
    ]);
  });

  it('connects commits that follow each other, and those that share paths', async () => {
    const { folder } = await threeCommits();
    const { memories, connections } = await readGitHistory(folder);
    const [third, second, first] = memories.map(({ id }) => id);
    expect(connections).toEqual([
      { from: third, to: second, type: 'follows', weight: 0.3, bidirectional: true },
      { from: second, to: first, type: 'follows', weight: 0.3, bidirectional: true },
      { from: second, to: first, type: 'touches', weight: 1 / 3, bidirectional: true },
    ]);
  });

  it('gives the same ids again, also from a clone', async () => {
    const { folder } = await threeCommits();
    const clone = path.join(await temporaryFolder(), 'clone');
    await git(folder, ['clone', '--quiet', '.', clone]);
    const ids = async (repository: string): Promise<readonly string[]> =>
      (await readGitHistory(repository)).memories.map(({ id }) => id);
    expect(await ids(clone)).toEqual(await ids(folder));
  });

  it('takes the newest of a span of time, and of some paths', async () => {
    const { folder } = await threeCommits();
    const subjects = async (options: Parameters<typeof readGitHistory>[1]): Promise<readonly string[]> =>
      (await readGitHistory(folder, options)).memories.map(({ content }) => content.slice(0, 5));
    expect(await subjects({ since: 2 * DAY * 1_000 })).toEqual(['third', 'secon']);
    expect(await subjects({ until: 2 * DAY * 1_000 })).toEqual(['first']);
    expect(await subjects({ paths: ['src'] })).toEqual(['secon', 'first']);
    expect(await subjects({ paths: ['*'] })).toEqual([]);
    expect(await subjects({ paths: ['--all'] })).toEqual([]);
    expect(await readGitHistory(folder, { limit: 2 })).toMatchObject({ limited: true, memories: { length: 2 } });
    expect(await readGitHistory(folder, { limit: 3 })).toMatchObject({ limited: false, memories: { length: 3 } });
  });

  it('reads a repository whose name begins with a dash, and paths with any characters', async () => {
    const folder = path.join(await temporaryFolder(), '--upload-pack=x');
    const odd = ['-n', '\nline', 'ä "b"', 'a'.repeat(40)];
    await makeRepository(folder, [{ message: '', files: Object.fromEntries(odd.map((name) => [name, '1'])), at: DAY }]);
    const { memories } = await readGitHistory(folder);
    expect(new Set(memories[0]?.metadata?.['paths'] as string[])).toEqual(new Set(odd));
    expect(memories[0]?.content).toMatch(/^Commit without a message: /);
  });

  it('leaves merges out, and reads commits that touch nothing', async () => {
    const { folder } = await threeCommits();
    await git(folder, ['checkout', '--quiet', '-b', 'side', 'HEAD~1']);
    await git(folder, ['commit', '--quiet', '--allow-empty', '-m', 'side: nothing'], 4 * DAY);
    await git(folder, ['merge', '--quiet', '--no-edit', 'main'], 5 * DAY);
    const { memories } = await readGitHistory(folder);
    expect(memories.map(({ content }) => content.split(':')[0])).toEqual(['side', 'third', 'second', 'first']);
    expect(memories[0]).toMatchObject({ tags: [], metadata: { paths: [], pathCount: 0 } });
  });

  it('says that a clone is shallow', async () => {
    const { folder } = await threeCommits();
    const clone = path.join(await temporaryFolder(), 'clone');
    await git(folder, ['clone', '--quiet', '--depth', '1', `file://${folder}`, clone]);
    expect(await readGitHistory(clone)).toMatchObject({ shallow: true, memories: { length: 1 } });
  });

  it('refuses what is no repository, or has no commits, or is not there', async () => {
    const folder = await temporaryFolder();
    const refusal = (rule: string): object => ({
      code: 'INPUT_INVALID',
      message: expect.stringContaining(rule) as string,
    });
    await expect(readGitHistory(folder)).rejects.toMatchObject(refusal('is not in a git repository that can be read'));
    await expect(readGitHistory(path.join(folder, 'x'))).rejects.toMatchObject(refusal('does not exist'));
    await makeRepository(folder, []);
    await expect(readGitHistory(folder)).rejects.toMatchObject(refusal('has no commits on its current branch yet'));
  });

  it('says that git is missing', async () => {
    const folder = await temporaryFolder();
    const searched = process.env['PATH'];
    process.env['PATH'] = folder;
    try {
      await expect(readGitHistory(folder)).rejects.toMatchObject({ code: 'PACKAGE_MISSING', data: { package: 'git' } });
    } finally {
      process.env['PATH'] = searched;
    }
  });

  it('refuses wrong options, and ends when it is cancelled', async () => {
    const { folder } = await threeCommits();
    await expect(readGitHistory(folder, { limit: 0 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(readGitHistory(folder, { paths: ['a\0b'] })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(readGitHistory(folder, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
    const controller = new AbortController();
    const reading = readGitHistory(folder, { signal: controller.signal });
    controller.abort();
    await expect(reading).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

describe('the output of git log', () => {
  it('is read the same wherever its chunks are cut', async () => {
    const log = Buffer.from('\0h1\0Ä\x001\0one\n\0\n\na\0b\0\0h2\0\x002\0\0\0h3\0C\x003\0three\0');
    const expected = [
      { hash: 'h1', author: 'Ä', authoredAt: 1_000, message: 'one', paths: ['\na', 'b'], pathCount: 2 },
      { hash: 'h2', author: '', authoredAt: 2_000, message: '', paths: [], pathCount: 0 },
      { hash: 'h3', author: 'C', authoredAt: 3_000, message: 'three', paths: [], pathCount: 0 },
    ];
    for (let size = 1; size <= log.length; size++) {
      async function* chunks(): AsyncGenerator<Buffer> {
        for (let at = 0; at < log.length; at += size) yield await Promise.resolve(log.subarray(at, at + size));
      }
      const commits = [];
      for await (const commit of parseLog(chunks())) commits.push(commit);
      expect(commits).toEqual(expected);
    }
  });

  it('bounds paths, messages, tags and connections of a commit', () => {
    const commits = Array.from({ length: 9 }, (_, at) => ({
      hash: String(at),
      author: 'A',
      authoredAt: at,
      message: 'word '.repeat(2_000),
      paths: at === 0 ? Array.from({ length: 50 }, (_, folder) => `${folder % 20}/${folder % 9}`) : [`${at}/${at}`],
      pathCount: 90,
    }));
    const { memories, connections } = commitMemories(commits, { path: '/r', type: 'git' });
    expect(memories[0]?.content.length).toBeLessThanOrEqual(4_000);
    expect(memories[0]?.content.endsWith('word ...')).toBe(true);
    expect(memories[0]?.tags).toHaveLength(16);
    expect(connections.filter(({ type, from }) => type === 'touches' && from === memories[0]?.id)).toHaveLength(5);
  });
});
