import type { Command } from 'commander';

import { COMMAND_LINE_VARIABLES } from '../src/cli/model-flags.js';
import { EXIT_CODES, EXIT_MEANINGS } from '../src/cli/exit-codes.js';
import { createProgram } from '../src/cli/program.js';
import { ENVIRONMENT_VARIABLES } from '../src/engine/settings.js';

/** Commands, environment variables and exit statuses for docs/reference/cli.md, from the command line's own tables. */
export function commandLineReference(): string {
  const program = createProgram(() => Promise.resolve());
  const leaves = program.commands.flatMap((command) => (command.commands.length === 0 ? [command] : command.commands));
  const variables = Object.entries({ ...ENVIRONMENT_VARIABLES, ...COMMAND_LINE_VARIABLES });
  return [
    '## Commands',
    '',
    ...leaves.flatMap(commandSection),
    '## Environment variables',
    '',
    '| variable | what it sets |',
    '| --- | --- |',
    ...variables.map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
    '',
    '## Exit statuses',
    '',
    '| status | meaning | error codes |',
    '| --- | --- | --- |',
    ...Object.entries(EXIT_MEANINGS).map(([status, meaning]) => `| ${status} | ${meaning} | ${codesOf(status)} |`),
  ].join('\n');
}

function commandSection(command: Command): string[] {
  const parent = command.parent?.parent === null || command.parent === null ? '' : `${command.parent.name()} `;
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  return [`### isovec ${parent}${command.name()}`, '', '```text', help.trimEnd(), '```', ''];
}

function codesOf(status: string): string {
  const codes = Object.entries(EXIT_CODES).filter(([, code]) => String(code) === status);
  return codes.map(([code]) => `\`${code}\``).join(', ');
}
