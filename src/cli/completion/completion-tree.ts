import type { Argument, Command, Option } from 'commander';
import { placeholderOf } from '../configuration/flag.js';

/** What may stand in a place of a command line. */
export type Expected =
  | { readonly kind: 'file' | 'folder' | 'model' | 'text' }
  | { readonly kind: 'choices'; readonly choices: readonly string[] };

/** A flag as shells complete it. */
export interface CompletionFlag {
  /** `-m` and `--model`; the long name is the last. */
  readonly names: readonly string[];
  readonly description: string;
  /** What follows the flag; undefined for a switch. */
  readonly value: Expected | undefined;
}

/** A command as shells complete it. */
export interface CompletionCommand {
  /** Its words after `isovec`; none for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly commands: readonly CompletionCommand[];
  readonly flags: readonly CompletionFlag[];
  /** What its arguments are; undefined where there are none. */
  readonly argument: Expected | undefined;
}

/** All that can be completed, from the command line's own definition. */
export function completionTree(command: Command, path: readonly string[] = []): CompletionCommand {
  const [argument] = command.registeredArguments;
  return {
    path,
    description: command.summary() === '' ? command.description() : command.summary(),
    commands: command.commands.map((inner) => completionTree(inner, [...path, inner.name()])),
    flags: command.createHelp().visibleOptions(command).map(flagOf),
    argument: argument === undefined ? undefined : expectedOf(argument, argument.name()),
  };
}

/** A command and all within it, in the order of the help. */
export function everyCommand(command: CompletionCommand): readonly CompletionCommand[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function flagOf(option: Option): CompletionFlag {
  const names = [option.short, option.long].filter((name) => name !== undefined);
  const takesValue = option.required || option.optional;
  const description = option.description.replace(/ \(default.*/, '');
  return { names, description, value: takesValue ? expectedOf(option, placeholderOf(option)) : undefined };
}

function expectedOf({ argChoices }: Option | Argument, name: string): Expected {
  if (argChoices !== undefined) return { kind: 'choices', choices: argChoices };
  if (name === 'model' || name === 'models') return { kind: 'model' };
  if (name === 'file' || name === 'files' || name === 'path') return { kind: 'file' };
  return { kind: name === 'folder' ? 'folder' : 'text' };
}
