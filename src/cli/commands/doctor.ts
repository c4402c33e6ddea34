import type { Command } from 'commander';
import { throwIfAborted } from '../../shared/abort.js';
import { toIsovecError } from '../../shared/isovec-error.js';
import type { CommandContext, CommandRunner } from '../command-context.js';
import type { ColdStart } from '../doctor/cold-start.js';
import type { DoctorFinding } from '../doctor/finding.js';
import { findingLines } from '../doctor/finding-lines.js';
import type { ExitCode } from '../exit-codes.js';
import { addStoreFlags, type StoreFlags } from '../memory/memory-flags.js';
import { addModelFlag, addOutputFlags, cacheRootOf, DEFAULT_MODEL, type ModelFlags } from '../model-flags.js';

const EXAMPLES = `
Examples:
  $ isovec doctor
  $ isovec doctor --timing
  $ isovec doctor --json | jq '.findings[] | select(.status != "ok")'
`;

interface DoctorFlags extends ModelFlags, StoreFlags {}

/** Defines `isovec doctor`. */
export function defineDoctor(program: Command, run: CommandRunner): void {
  const command = program
    .command('doctor')
    .summary('check this machine and installation')
    .description('Check this machine and installation; exits with 1 if something essential fails.')
    .option('--cache <folder>', 'folder of the cache (default: $ISOVEC_HOME, or isovec in the user cache)');
  addOutputFlags(
    addStoreFlags(addModelFlag(command)),
    'start isovec anew several times: where the time to a first vector goes',
  )
    .addHelpText('after', EXAMPLES)
    // What is timed is not this run.
    .action((flags: DoctorFlags) => run({ ...flags, timing: false }, (context) => doctor(flags, context, command)));
}

async function doctor(flags: DoctorFlags, context: CommandContext, command: Command): Promise<ExitCode> {
  const { platformFindings } = await import('../doctor/platform-findings.js');
  const { packageFindings } = await import('../doctor/package-findings.js');
  const { deviceFindings } = await import('../doctor/device-findings.js');
  const { cacheFindings } = await import('../doctor/cache-findings.js');
  const { sourceFindings } = await import('../doctor/source-findings.js');
  const { bridgeFindings } = await import('../doctor/bridge-findings.js');
  const { memoryFindings } = await import('../doctor/memory-findings.js');
  const { environmentFindings } = await import('../doctor/environment-findings.js');
  const { configurationFindings } = await import('../doctor/configuration-findings.js');
  const { settings, signal, environment, output, columns, style } = context;
  const checked = (
    await Promise.all([
      platformFindings(),
      packageFindings(),
      deviceFindings(signal),
      cacheFindings(cacheRootOf(flags, context)),
      sourceFindings(settings, signal),
      bridgeFindings({ cacheRoot: cacheRootOf(flags, context), settings, python: undefined, signal }),
      memoryFindings(flags, context),
    ])
  ).flat();
  throwIfAborted(signal);
  const findings = [...checked, ...configurationFindings(command), ...environmentFindings(environment, command)];
  const coldStart = flags.timing === true ? await timedStart(flags, context, findings) : undefined;
  const healthy = !findings.some(({ status, essential }) => status === 'fail' && essential === true);
  if (context.json) {
    await output.json({ healthy, findings, ...(coldStart === undefined ? {} : { coldStart: coldStart }) });
    return healthy ? 0 : 1;
  }
  for (const finding of findings) await output.line(findingLines(finding, columns, style));
  if (coldStart !== undefined) {
    const { coldStartTable } = await import('../doctor/cold-start.js');
    await output.line(`\n${coldStartTable(coldStart)}`);
  }
  return healthy ? 0 : 1;
}

/** The cold start, or a finding that says why there is none. */
async function timedStart(
  flags: ModelFlags,
  context: CommandContext,
  findings: DoctorFinding[],
): Promise<ColdStart | undefined> {
  const { environment, signal, talk } = context;
  const { measureColdStart } = await import('../doctor/cold-start.js');
  talk.info('Starting isovec a dozen times...');
  const model = flags.model ?? DEFAULT_MODEL;
  try {
    return await measureColdStart({ model, cache: cacheRootOf(flags, context), environment, signal });
  } catch (error) {
    throwIfAborted(signal);
    findings.push({ name: 'cold start', status: 'warn', detail: toIsovecError(error).message });
    return undefined;
  }
}
