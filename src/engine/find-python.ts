import { access } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { markOf } from '../models/cache/bridge-environments.js';
import { CacheLayout } from '../models/cache/cache-layout.js';

/** What `isovec bridge install` makes environments for. */
export type BridgeBackend = 'onnx' | 'torch';

/** The interpreter of a virtual environment. */
export function interpreterIn(folder: string): string {
  return process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
}

/**
 * The interpreter that runs the bridge: the one that was asked for, else that of an installed environment which has the
 * backend, else the one on the path.
 */
export async function findPython(
  asked: string | undefined,
  cacheRoot: string,
  backend: BridgeBackend | 'auto' | 'echo',
): Promise<string> {
  if (asked !== undefined) return asked;
  // The environment with PyTorch runs whatever the other one does.
  const wanted: readonly BridgeBackend[] = backend === 'onnx' ? ['onnx', 'torch'] : ['torch', 'onnx'];
  for (const one of wanted) {
    const python = await installedPython(cacheRoot, one);
    if (python !== undefined) return python;
  }
  return systemPython();
}

/** The interpreter of an environment that `isovec bridge install` has finished; undefined if there is none. */
export async function installedPython(cacheRoot: string, backend: BridgeBackend): Promise<string | undefined> {
  const folder = new CacheLayout(cacheRoot).environment(backend);
  return access(markOf(folder)).then(
    () => interpreterIn(folder),
    () => undefined,
  );
}

/** The interpreter on the path. */
export function systemPython(): string {
  return process.platform === 'win32' ? 'python' : 'python3';
}
