import type { CommandContext } from '../../command-context.js';
import { bridgeFindings } from '../../doctor/bridge-findings.js';
import { findingLines } from '../../doctor/finding-lines.js';
import type { ExitCode } from '../../exit-codes.js';
import { cacheRootOf } from '../../model-flags.js';
import type { BridgeFlags } from './bridge-flags.js';

/** `isovec bridge doctor`: exits with 1 if neither backend can run. */
export async function bridgeDoctor(flags: BridgeFlags, context: CommandContext): Promise<ExitCode> {
  const { output, settings, signal, columns, style } = context;
  const cacheRoot = cacheRootOf(flags, context);
  const findings = await bridgeFindings({ cacheRoot, settings, python: flags.python, signal });
  if (context.json) await output.json({ findings });
  else for (const finding of findings) await output.line(findingLines(finding, columns, style));
  return findings.some(({ status }) => status === 'ok') ? 0 : 1;
}
