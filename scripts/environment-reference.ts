import type { Command } from 'commander';

import {
  type Flag,
  flagsOf,
  isSwitch,
  leafCommands,
  placeholderOf,
  takesValue,
} from '../src/cli/configuration/flag.js';
import { COMMAND_LINE_VARIABLES } from '../src/cli/model-flags.js';
import { createProgram } from '../src/cli/program.js';
import { ENVIRONMENT_VARIABLES } from '../src/engine/settings.js';
import { settingsOf } from './command-line-reference.js';

const MOST_COMMANDS = 5;

/** The environment variables for docs/reference/environment.md: of flags, of the library, and what others set. */
export function environmentReference(): string {
  const program = createProgram(() => Promise.resolve());
  const leaves = leafCommands(program);
  const flags = settingsOf(leaves);
  const ofFlags = new Set(flags.map(({ variable }) => variable));
  const others = Object.entries({ ...ENVIRONMENT_VARIABLES, ...COMMAND_LINE_VARIABLES });
  const free = others.filter(([name]) => !ofFlags.has(name));
  return [
    '## Variables without a flag',
    '',
    ...table(free.filter(([name]) => name.startsWith('ISOVEC_'))),
    '',
    '## Variables of flags',
    '',
    '| variable | flag | value | what it sets | commands |',
    '| --- | --- | --- | --- | --- |',
    ...flags
      .map((row) => ({ ...row, described: describeFlag(leaves, row.key) }))
      .sort((left, right) => (left.variable < right.variable ? -1 : 1))
      .map(
        ({ variable, flag, commands, described: { value, meaning } }) =>
          `| \`${variable}\` | \`${flag}\` | ${value} | ${meaning} | ${commandsOf(commands)} |`,
      ),
    '',
    '## Variables of others that are heeded',
    '',
    ...table(free.filter(([name]) => !name.startsWith('ISOVEC_'))),
  ].join('\n');
}

function table(variables: readonly (readonly [name: string, meaning: string])[]): string[] {
  return [
    '| variable | what it sets |',
    '| --- | --- |',
    ...variables.map(([name, meaning]) => `| \`${name}\` | ${cell(meaning)} |`),
  ];
}

/** What the first command with the flag says of it; where commands differ, their own help says how. */
function describeFlag(leaves: readonly Command[], key: string): { readonly value: string; readonly meaning: string } {
  const flag = leaves.flatMap((leaf) => flagsOf(leaf).get(key) ?? [])[0];
  if (flag === undefined) throw new Error(`No command has a flag ${key}.`);
  return { value: valueOf(flag), meaning: cell(flag.option.description) };
}

function valueOf(flag: Flag): string {
  const { option } = flag;
  if (!takesValue(flag)) return option.negate ? '0' : '1 or 0';
  const value = option.argChoices === undefined ? `_${placeholderOf(option)}_` : `\`${option.argChoices.join(', ')}\``;
  return isSwitch(flag) ? `${value}, 1 or 0` : value;
}

/** By name, where they are few. */
function commandsOf(commands: readonly string[]): string {
  return commands.length > MOST_COMMANDS ? `${commands.length} commands` : commands.join(', ');
}

/** A text that ends no cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
