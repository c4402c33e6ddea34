import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A commit to make: its message, and files with their contents. */
export interface CommitToMake {
  readonly message: string;
  readonly files?: Readonly<Record<string, string>>;
  /** Seconds since 1970 when it was written; the moment of the commit is the same. */
  readonly at: number;
  readonly author?: string;
}

/** Runs git as nobody's configuration would have it. */
export async function git(folder: string, args: readonly string[], at = 0, author = 'Ada'): Promise<string> {
  const { stdout } = await run('git', ['-C', folder, ...args], {
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: author,
      GIT_AUTHOR_EMAIL: 'author@example.org',
      GIT_AUTHOR_DATE: `@${at} +0000`,
      GIT_COMMITTER_NAME: 'Committer',
      GIT_COMMITTER_EMAIL: 'committer@example.org',
      GIT_COMMITTER_DATE: `@${at} +0000`,
    },
  });
  return stdout.trim();
}

/** Makes a folder a repository with some commits, the oldest first, and gives their hashes. */
export async function makeRepository(folder: string, commits: readonly CommitToMake[]): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  await git(folder, ['init', '--quiet', '--initial-branch=main']);
  const hashes: string[] = [];
  for (const { message, files = {}, at, author } of commits) {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    await git(folder, ['add', '--all']);
    const args = ['commit', '--quiet', '--allow-empty', '--allow-empty-message', '--message', message];
    await git(folder, args, at, author);
    hashes.push(await git(folder, ['rev-parse', 'HEAD']));
  }
  return hashes;
}
