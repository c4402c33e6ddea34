import { stat } from 'node:fs/promises';
import path from 'node:path';
import { checkOptions, isSignal, isWhole, type OptionRule } from '../../shared/check-options.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { accessPath } from './access-path.js';
import { commitMemories } from './git/commit-memories.js';
import { type Commit, LOG_FORMAT, parseLog } from './git/parse-log.js';
import { askGit, type GitEnd, runGit } from './git/run-git.js';
import type { SourceContent } from './source-reader.js';

/** Options of {@link readGitHistory}. */
export interface GitHistoryOptions {
  /** Commits written at this moment and later, in milliseconds since 1970. */
  readonly since?: number;
  /** Commits written before this moment. */
  readonly until?: number;
  /** Most commits, the newest ones; 1,000 by default. */
  readonly limit?: number;
  /** Commits that touch one of these paths: files or folders from the repository's folder, taken literally. */
  readonly paths?: readonly string[];
  readonly signal?: AbortSignal;
}

/** What the history of a repository tells. */
export interface GitHistoryContent extends SourceContent {
  /** Whether there are more commits than `limit`. */
  readonly limited: boolean;
  /** Whether the clone is shallow, so that the history ends where the clone does. */
  readonly shallow: boolean;
}

/** All that is read is held until it is stored (CWE-770). */
const MAX_COMMITS = 100_000;

const isInstant: OptionRule = (value) =>
  typeof value === 'number' && Math.abs(value) <= 8.64e15 ? undefined : 'must be milliseconds since 1970';
const isPaths: OptionRule = (value) =>
  Array.isArray(value) && value.every((file) => typeof file === 'string' && file !== '' && !file.includes('\0'))
    ? undefined
    : 'must be a list of paths';

/**
 * Reads the commits of a git repository as memories, newest first: message, author, moment and paths; merges, which tell only
 * that others came in, are left out. Runs the program git, which reads and writes nothing but the repository.
 *
 * INPUT_INVALID for a folder that is not there or no repository, a repository without commits, a path that git refuses;
 * PACKAGE_MISSING without git; CONFIG_INVALID for a wrong option; ABORTED.
 */
export async function readGitHistory(repository: string, options: GitHistoryOptions = {}): Promise<GitHistoryContent> {
  checkOptions('readGitHistory', options, {
    since: isInstant,
    until: isInstant,
    limit: isWhole(1, MAX_COMMITS),
    paths: isPaths,
    signal: isSignal,
  });
  const { since = -Infinity, until = Infinity, limit = 1_000, paths = [], signal } = options;
  // An absolute path never begins with a dash.
  const folder = path.resolve(repository);
  await accessPath(folder, () => stat(folder));
  const shallow = await askGit(folder, ['rev-parse', '--is-shallow-repository'], signal);
  if (shallow.exitCode !== 0) throw refused(folder, 'is not in a git repository that can be read', shallow);
  const head = await askGit(folder, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], signal);
  if (head.exitCode !== 0) throw refused(folder, 'has no commits on its current branch yet', head);

  const args = ['log', ...LOG_FORMAT, '--no-merges', '--no-renames', '--no-relative', '--no-ext-diff', '--no-color'];
  // Git compares the moment of the commit, which is that of writing or later; it ends the walk. What is left is compared here.
  if (since > 0) args.push(`--since=@${Math.floor(since / 1_000)} +0000`);
  const run = runGit(folder, [...args, head.output, '--', ...paths], signal);
  const commits: Commit[] = [];
  let limited = false;
  for await (const commit of parseLog(outputOf(run, folder))) {
    if (commit.authoredAt < since || commit.authoredAt >= until) continue;
    limited = commits.length === limit;
    if (limited) break;
    commits.push(commit);
  }
  const source = { path: folder, type: 'git' };
  return { source, ...commitMemories(commits, source), limited, shallow: shallow.output === 'true' };
}

/** The output of git, whose failure is an error at its end. */
async function* outputOf(
  run: AsyncGenerator<Buffer, GitEnd, undefined>,
  folder: string,
): AsyncGenerator<Buffer, void, undefined> {
  const end = yield* run;
  if (end.exitCode !== 0) throw refused(folder, 'has a history that git cannot read', end);
}

function refused(folder: string, rule: string, { exitCode, complaint }: GitEnd): IsovecError {
  const [reason = ''] = complaint.split('\n');
  const why = reason === '' ? '' : ` (git: ${reason.replace(/\.$/, '')})`;
  return new IsovecError('INPUT_INVALID', `${folder} ${rule}${why}.`, { data: { file: folder, exitCode } });
}
