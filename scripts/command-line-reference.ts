import type { Command } from 'commander';

import { commandName, flagsOf, leafCommands } from '../src/cli/configuration/flag.js';
import { COMMAND_LINE_VARIABLES } from '../src/cli/model-flags.js';
import { EXIT_CODES, EXIT_MEANINGS } from '../src/cli/exit-codes.js';
import { createProgram } from '../src/cli/program.js';
import { ENVIRONMENT_VARIABLES } from '../src/engine/settings.js';

/** Commands, environment variables and exit statuses for docs/reference/cli.md, from the command line's own tables. */
export function commandLineReference(): string {
  const program = createProgram(() => Promise.resolve());
  const leaves = leafCommands(program);
  const settings = settingsOf(leaves);
  const own = new Set(settings.map(({ variable }) => variable));
  const variables = Object.entries({ ...ENVIRONMENT_VARIABLES, ...COMMAND_LINE_VARIABLES });
  return [
    '## Commands',
    '',
    ...leaves.flatMap(commandSection),
    '## Settings',
    '',
    '| flag | environment variable | configuration key | commands |',
    '| --- | --- | --- | --- |',
    ...settings.map(
      ({ flag, variable, key, commands }) =>
        `| \`${flag}\` | \`${variable}\` | \`${key}\` | ${commands.length === leaves.length ? 'all' : commands.join(', ')} |`,
    ),
    '',
    '## Other environment variables',
    '',
    '| variable | what it sets |',
    '| --- | --- |',
    ...variables.filter(([name]) => !own.has(name)).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
    '',
    '## Exit statuses',
    '',
    '| status | meaning | error codes |',
    '| --- | --- | --- |',
    ...Object.entries(EXIT_MEANINGS).map(([status, meaning]) => `| ${status} | ${meaning} | ${codesOf(status)} |`),
  ].join('\n');
}

/** A flag of the command line, by its other names. */
export interface SettingRow {
  readonly flag: string;
  readonly variable: string;
  readonly key: string;
  readonly commands: string[];
}

/** Every flag with the names it has elsewhere, and the commands that take it. */
export function settingsOf(leaves: readonly Command[]): readonly SettingRow[] {
  const rows = new Map<string, SettingRow>();
  for (const command of leaves) {
    for (const { key, variable, option } of flagsOf(command).values()) {
      const row = rows.get(key) ?? { flag: option.long ?? option.flags, variable, key, commands: [] };
      row.commands.push(commandName(command));
      rows.set(key, row);
    }
  }
  return [...rows.values()].sort((left, right) => (left.key < right.key ? -1 : 1));
}

/** Names of the environment variables of all flags. */
export function flagVariables(): readonly string[] {
  return settingsOf(leafCommands(createProgram(() => Promise.resolve()))).map(({ variable }) => variable);
}

function commandSection(command: Command): string[] {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  return [`### isovec ${commandName(command)}`, '', '```text', help.trimEnd(), '```', ''];
}

function codesOf(status: string): string {
  const codes = Object.entries(EXIT_CODES).filter(([, code]) => String(code) === status);
  return codes.map(([code]) => `\`${code}\``).join(', ');
}
