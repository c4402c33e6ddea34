import type { Command, Option } from 'commander';

/** A setting of a command, whether it comes from its flag, an environment variable or a configuration file. */
export interface Flag {
  /** Name in a configuration file, and of the value that the command receives. */
  readonly key: string;
  /** Name of its environment variable. */
  readonly variable: string;
  /** `--name`; for a flag that only exists as `--no-name`, that one. */
  readonly option: Option;
  /** `--no-name`, if there is one. */
  readonly negation: Option | undefined;
}

/** Flags about where settings come from, which cannot come from there. */
const COMMAND_LINE_ONLY: ReadonlySet<string> = new Set(['config', 'help', 'version']);

/** Variables whose name does not follow from the flag; the library reads them, too. */
const OTHER_VARIABLES: Readonly<Record<string, string>> = { cache: 'ISOVEC_HOME', store: 'ISOVEC_MEMORY' };

/** The flags of a command that have an environment variable and a key, by key. */
export function flagsOf(command: Command): ReadonlyMap<string, Flag> {
  const flags = new Map<string, Flag>();
  for (const option of command.options) {
    const key = option.attributeName();
    if (COMMAND_LINE_ONLY.has(key)) continue;
    const twin = command.options.find((other) => other !== option && other.attributeName() === key);
    if (option.negate && twin !== undefined) continue;
    const negation = option.negate ? option : twin;
    flags.set(key, { key, variable: variableOf(key), option, negation });
  }
  return flags;
}

/** The commands that do something: the command itself, or those of its group and of the groups within. */
export function leafCommands(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leafCommands);
}

/** The words of a command after the program's name: `models prune`. */
export function commandName(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${commandName(parent)} ${command.name()}`;
}

/** Whether the flag may be written with a value. */
export function takesValue({ option }: Flag): boolean {
  return option.required || option.optional;
}

/** Whether the flag may be switched: on without a value, or off. */
export function isSwitch({ option, negation }: Flag): boolean {
  return !option.required || negation !== undefined;
}

/** What a flag's value stands for, by the word between the brackets of its definition: `file`, `n`, `model`. */
export function placeholderOf({ flags }: Option): string {
  return /[<[]([\w-]+)/.exec(flags)?.[1] ?? '';
}

function variableOf(key: string): string {
  return OTHER_VARIABLES[key] ?? `ISOVEC_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
