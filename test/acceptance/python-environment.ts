import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { runStep } from './run-step.js';

/** Folder of everything that these suites make; git does not see it. */
export const ACCEPTANCE_CACHE: string = path.resolve(import.meta.dirname, '../../.cache/acceptance');

/** Python with some packages, installed once for each list of them. python3 with pip is needed. */
export interface PythonEnvironment {
  readonly python: string;
  /** Path of a program that a package brings. */
  readonly program: (name: string) => string;
}

/** Makes the environment unless it is there; packages are pinned as NAME==VERSION. */
export async function pythonEnvironment(packages: readonly string[]): Promise<PythonEnvironment> {
  const digest = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 12);
  const folder = path.join(ACCEPTANCE_CACHE, `python-${digest}`);
  const isWindows = process.platform === 'win32';
  const program = (name: string): string =>
    path.join(folder, isWindows ? 'Scripts' : 'bin', isWindows ? `${name}.exe` : name);
  const python = program('python');
  const complete = path.join(folder, 'complete');
  await mkdir(ACCEPTANCE_CACHE, { recursive: true });
  if (!existsSync(complete)) {
    await runStep('python3', ['-m', 'venv', '--clear', folder]);
    await runStep(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]);
    await writeFile(complete, '');
  }
  return { python, program };
}
