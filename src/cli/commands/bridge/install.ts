import { systemPython } from '../../../engine/find-python.js';
import { installBridge } from '../../../engine/install-bridge.js';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import { cacheRootOf } from '../../model-flags.js';
import type { BridgeFlags } from './bridge-flags.js';

/** `isovec bridge install`. */
export async function installCommand(flags: BridgeFlags, context: CommandContext): Promise<ExitCode> {
  const { talk, output, settings, signal } = context;
  const { backend = 'torch', python = settings.pythonCommand ?? systemPython() } = flags;
  talk.info(`Installing the packages of ${backend}; this can take some minutes.`);
  const installed = await installBridge({
    cacheRoot: cacheRootOf(flags, context),
    backend,
    python,
    signal,
    onLine: (line) => {
      talk.info(line);
    },
  });
  context.timing.mark('installed');
  if (context.json) await output.json({ backend, ...installed });
  else await output.line(`${backend} is installed in ${installed.folder}`);
  return 0;
}
