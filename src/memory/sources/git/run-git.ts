import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { abortError, throwIfAborted } from '../../../shared/abort.js';
import { IsovecError, systemErrorCode } from '../../../shared/isovec-error.js';

/** How a run of git ended. */
export interface GitEnd {
  readonly exitCode: number;
  /** The end of what it wrote to standard error. */
  readonly complaint: string;
}

const MAX_COMPLAINT = 8_192;

/**
 * What applies to every run: nothing in the repository's own configuration may start another program (CWE-829), nothing is
 * written into the repository or fetched for a partial clone, paths of the caller are names, not patterns, and texts come in UTF-8.
 */
const SETTINGS = [
  '--no-pager',
  '--no-optional-locks',
  '--literal-pathspecs',
  ...[
    'core.fsmonitor=false',
    'log.showSignature=false',
    'log.mailmap=false',
    'log.follow=false',
    'protocol.allow=never',
    'i18n.logOutputEncoding=UTF-8',
  ].flatMap((setting) => ['-c', setting]),
];

/**
 * Runs the program git in a repository, without a shell, and gives its output as it comes, then how it ended. Whoever stops
 * reading ends it. PACKAGE_MISSING if there is no git, ABORTED.
 */
export async function* runGit(
  repository: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer, GitEnd, undefined> {
  throwIfAborted(signal);
  const child = spawn('git', [...SETTINGS, '-C', repository, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    ...(signal !== undefined && { signal, killSignal: 'SIGKILL' }),
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-MAX_COMPLAINT);
  });
  const ended = once(child, 'close');
  // It fails while the output is still read, and is awaited after that.
  ended.catch(() => undefined);
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
    const [exitCode] = (await ended) as [number | null];
    return { exitCode: exitCode ?? 1, complaint: complaint.trim() };
  } catch (cause) {
    if (signal?.aborted === true) throw abortError(signal);
    const code = systemErrorCode(cause);
    if (code !== 'ENOENT' && code !== 'EACCES') throw cause;
    throw new IsovecError(
      'PACKAGE_MISSING',
      `The program git, which reads the history, cannot be started (${code}). Install git, and see that it is on the path.`,
      { cause, data: { package: 'git' } },
    );
  } finally {
    child.kill('SIGKILL');
  }
}

/** As {@link runGit}, for a short answer: all of its output. */
export async function askGit(
  repository: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<GitEnd & { readonly output: string }> {
  const run = runGit(repository, args, signal);
  const chunks: Buffer[] = [];
  for (;;) {
    const next = await run.next();
    if (next.done === true) return { ...next.value, output: Buffer.concat(chunks).toString('utf8').trim() };
    chunks.push(next.value);
  }
}
