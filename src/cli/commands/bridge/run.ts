import { findPython } from '../../../engine/find-python.js';
import { PYTHON_FOLDER } from '../../../providers/python/bridge-process.js';
import { childEnd, startChild } from '../../../providers/python/start-child.js';
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
  const child = startChild(python, ['-m', 'isovec_bridge'], { cwd: PYTHON_FOLDER, stdio: 'inherit', signal });
  return (await childEnd(child, python, signal)) === 0 ? 0 : 1;
}
