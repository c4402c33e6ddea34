import { spawn } from 'node:child_process';
import { findPython } from '../../../engine/find-python.js';
import { PYTHON_FOLDER } from '../../../providers/python/bridge-process.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import { cacheRootOf } from '../../model-flags.js';
import type { BridgeFlags } from './bridge-flags.js';

/** `isovec bridge run`: the child on this terminal's standard input and output. */
export async function runBridge(flags: BridgeFlags, context: CommandContext): Promise<ExitCode> {
  const { settings, signal } = context;
  const python = await findPython(
    flags.python ?? settings.pythonCommand,
    cacheRootOf(flags, context),
    flags.backend ?? 'auto',
  );
  const child = spawn(python, ['-m', 'isovec_bridge'], { cwd: PYTHON_FOLDER, stdio: 'inherit', signal });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  }).catch((cause: unknown) => {
    throw new IsovecError('PACKAGE_MISSING', `There is no Python at ${python}; name another with --python PATH.`, {
      cause,
    });
  });
  return code === 0 ? 0 : 1;
}
