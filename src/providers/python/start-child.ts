import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { throwIfAborted } from '../../shared/abort.js';
import { errorMessage, IsovecError, systemErrorCode } from '../../shared/isovec-error.js';

/**
 * Starts a program. What is wrong with it is told by the child's `error`, and for some reasons thrown by Node at once: as
 * {@link startError}.
 */
export function startChild(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  try {
    return spawn(command, args, options);
  } catch (cause) {
    throw startError(command, cause);
  }
}

/**
 * The exit code of a child, null after a signal, when all that it printed has been read. ABORTED; for a child that cannot be
 * started as {@link startError}.
 */
export async function childEnd(
  child: ChildProcess,
  command: string,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  }).catch((cause: unknown) => {
    throwIfAborted(signal);
    throw startError(command, cause);
  });
  throwIfAborted(signal);
  return code;
}

/** Why Python could not be started: PACKAGE_MISSING where no program is, PROVIDER_UNAVAILABLE for anything else. */
export function startError(python: string, cause: unknown): IsovecError {
  const code = systemErrorCode(cause);
  if (code === 'ENOENT' || code === 'EACCES') {
    const what = code === 'ENOENT' ? 'There is no Python at' : 'There is no Python that may be run at';
    return new IsovecError(
      'PACKAGE_MISSING',
      `${what} ${python}, which runs what cannot run in process. Install Python 3.11 or later with its venv module, then isovec bridge install; or name another with --python PATH.`,
      { cause, data: { missing: 'python', tried: python } },
    );
  }
  return new IsovecError('PROVIDER_UNAVAILABLE', `Python cannot be started at ${python}: ${errorMessage(cause)}.`, {
    cause,
  });
}
