import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { markOf } from '../models/cache/bridge-environments.js';
import { CacheLayout } from '../models/cache/cache-layout.js';
import { withFileLock } from '../models/cache/file-lock.js';
import { PYTHON_FOLDER } from '../providers/python/bridge-process.js';
import { childEnd, startChild } from '../providers/python/start-child.js';
import { throwIfAborted } from '../shared/abort.js';
import { IsovecError } from '../shared/isovec-error.js';
import { type BridgeBackend, interpreterIn } from './find-python.js';

/** Options of {@link installBridge}. */
export interface InstallOptions {
  readonly cacheRoot: string;
  readonly backend: BridgeBackend;
  /** The interpreter that the environment is made from. */
  readonly python: string;
  readonly signal: AbortSignal | undefined;
  /** Hears every line that the installers print. */
  readonly onLine: (line: string) => void;
}

/** What {@link installBridge} made. */
export interface InstalledBridge {
  readonly folder: string;
  readonly python: string;
  /** What installed the packages. */
  readonly installer: 'uv' | 'pip';
}

/**
 * Makes a virtual environment in the cache with the pinned packages of a backend, by uv where it is there, else by venv and
 * pip; the user's own settings of index and certificates apply. One that is not finished is not found later. PACKAGE_MISSING
 * without Python, PROVIDER_UNAVAILABLE with what the installer said, ABORTED.
 */
export async function installBridge(options: InstallOptions): Promise<InstalledBridge> {
  const { cacheRoot, backend, signal } = options;
  const layout = new CacheLayout(cacheRoot);
  const folder = layout.environment(backend);
  return withFileLock(layout.environmentLock(backend), { signal }, () => install(folder, options));
}

async function install(folder: string, { backend, python, signal, onLine }: InstallOptions): Promise<InstalledBridge> {
  const interpreter = interpreterIn(folder);
  const requirements = join(PYTHON_FOLDER, 'requirements', `${backend}.txt`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const hasUv = await succeeds('uv', ['--version'], signal);
  const steps: readonly (readonly [string, readonly string[]])[] = hasUv
    ? [
        ['uv', ['venv', '--python', python, '--allow-existing', folder]],
        ['uv', ['pip', 'install', '--python', interpreter, '-r', requirements]],
      ]
    : [
        [python, ['-m', 'venv', '--clear', folder]],
        [
          interpreter,
          ['-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar', 'off', '-r', requirements],
        ],
      ];
  for (const [command, args] of steps) await run(command, args, { signal, onLine });
  await writeFile(markOf(folder), '');
  return { folder, python: interpreter, installer: hasUv ? 'uv' : 'pip' };
}

async function run(
  command: string,
  args: readonly string[],
  { signal, onLine }: Pick<InstallOptions, 'signal' | 'onLine'>,
): Promise<void> {
  throwIfAborted(signal);
  const child = startChild(command, args, {
    cwd: PYTHON_FOLDER,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    signal,
  });
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines.filter((one) => one.trim() !== '')) {
        last.push(line);
        last.splice(0, last.length - 5);
        onLine(line);
      }
    });
  }
  const code = await childEnd(child, command, signal);
  if (code === 0) return;
  throw new IsovecError(
    'PROVIDER_UNAVAILABLE',
    `${command} ${args.slice(0, 3).join(' ')} ended with ${code ?? 'a signal'}: ${last.join(' | ')}`,
    { data: { exitCode: code } },
  );
}

async function succeeds(command: string, args: readonly string[], signal: AbortSignal | undefined): Promise<boolean> {
  const child = startChild(command, args, { stdio: 'ignore', windowsHide: true, signal });
  return (await childEnd(child, command, signal).catch(() => undefined)) === 0;
}
