import type { Command } from 'commander';
import { throwIfAborted } from '../../shared/abort.js';
import type { CommandContext, CommandRunner } from '../command-context.js';
import type { DoctorFinding } from '../doctor/finding.js';
import type { ExitCode } from '../exit-codes.js';
import { addOutputFlags, cacheRootOf, type SourceFlags } from '../model-flags.js';
import { printableText } from '../text/printable-text.js';
import type { Style } from '../text/style.js';
import { wrapText } from '../text/wrap-text.js';

const EXAMPLES = `
Examples:
  $ isovec doctor
  $ isovec doctor --json | jq '.findings[] | select(.status != "ok")'
`;

const NAME_COLUMNS = 18;
const STATUS_COLUMNS = 6;

/** Defines `isovec doctor`. */
export function defineDoctor(program: Command, run: CommandRunner): void {
  const command = program
    .command('doctor')
    .summary('check this machine and installation')
    .description('Check this machine and installation; exits with 1 if something essential fails.')
    .option('--cache <folder>', 'folder of the cache (default: $ISOVEC_HOME, or isovec in the user cache)');
  addOutputFlags(command)
    .addHelpText('after', EXAMPLES)
    .action((flags: SourceFlags) => run(flags, (context) => doctor(flags, context, command)));
}

async function doctor(flags: SourceFlags, context: CommandContext, command: Command): Promise<ExitCode> {
  const { platformFindings } = await import('../doctor/platform-findings.js');
  const { packageFindings } = await import('../doctor/package-findings.js');
  const { cacheFindings } = await import('../doctor/cache-findings.js');
  const { sourceFindings } = await import('../doctor/source-findings.js');
  const { environmentFindings } = await import('../doctor/environment-findings.js');
  const { configurationFindings } = await import('../doctor/configuration-findings.js');
  const { settings, signal, environment, output, columns, style } = context;
  const checked = (
    await Promise.all([
      platformFindings(),
      packageFindings(),
      cacheFindings(cacheRootOf(flags, context)),
      sourceFindings(settings, signal),
    ])
  ).flat();
  throwIfAborted(signal);
  const findings = [...checked, ...configurationFindings(command), ...environmentFindings(environment, command)];
  const healthy = !findings.some(({ status, essential }) => status === 'fail' && essential === true);
  if (context.json) await output.json({ healthy, findings });
  else for (const finding of findings) await output.line(lines(finding, columns, style));
  return healthy ? 0 : 1;
}

function lines({ name, status, detail, wayOut }: DoctorFinding, columns: number, style: Style): string {
  const colour = { ok: style.green, warn: style.yellow, fail: style.red }[status];
  const indent = ' '.repeat(STATUS_COLUMNS + NAME_COLUMNS);
  const wrap = (text: string): string => wrapText(printableText(text), columns - indent.length, indent);
  const head = `${colour(status.padEnd(STATUS_COLUMNS))}${name.padEnd(NAME_COLUMNS)}${wrap(detail)}`;
  return wayOut === undefined ? head : `${head}\n${indent}${wrap(`-> ${wayOut}`)}`;
}
