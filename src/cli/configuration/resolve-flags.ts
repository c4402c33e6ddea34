import path from 'node:path';
import type { Command } from 'commander';
import { isJsonObject, type JsonObject } from '../../formats/json/parse-json.js';
import { errorMessage, IsovecError } from '../../shared/isovec-error.js';
import { checkConfiguration, invalidMember } from './check-configuration.js';
import { type ConfigurationFile, findConfiguration, readConfiguration } from './configuration-file.js';
import { type Flag, flagsOf } from './flag.js';
import { type FlagValue, valueOfMember, valueOfVariable } from './flag-value.js';

/** Where settings come from that are not on the command line. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Undefined if the folder that the process was started in is gone. */
  readonly workingFolder: string | undefined;
  readonly homeFolder: string;
}

/** A setting of one level: all that stands in the environment, or in one section of a file. */
interface Setting {
  readonly flag: Flag;
  /** How the user wrote it. */
  readonly name: string;
  readonly value: FlagValue;
}

/** Variable that names the configuration file. */
const CONFIGURATION_VARIABLE = 'ISOVEC_CONFIG';

/**
 * Gives the flags of a parsed command that are not on its command line the values of the environment, else those of
 * the configuration file: its own section before the sections around it. What comes first also drops what conflicts
 * with it and comes later. CONFIG_INVALID naming variable or file and key.
 */
export function resolveFlags(command: Command, surroundings: Surroundings): void {
  const flags = flagsOf(command);
  const decided = new Map([...flags].filter(([key]) => command.getOptionValueSource(key) === 'cli'));
  /** Flags that are in force: a switch that is off conflicts with nothing. */
  const inForce = [...decided.values()];
  const apply = (settings: readonly Setting[], source: 'env' | 'config'): void => {
    const open = settings.filter(({ flag }) => !decided.has(flag.key) && !inForce.some((one) => conflict(one, flag)));
    for (const { flag, name, value } of open) {
      decided.set(flag.key, flag);
      if (!value.given) continue;
      const rival = open.find((other) => other.value.given && conflict(other.flag, flag));
      if (rival !== undefined) {
        throw new IsovecError('CONFIG_INVALID', `${name} and ${rival.name} exclude each other; leave one of them out.`);
      }
      command.setOptionValueWithSource(flag.key, value.value, source);
      inForce.push(flag);
    }
  };
  apply(environmentSettings(flags, surroundings), 'env');
  const file = configurationOf(command, surroundings);
  if (file === undefined) return;
  checkConfiguration(file, rootOf(command));
  for (const keys of sectionsOf(command)) apply(sectionSettings(file, keys, flags), 'config');
}

/** The configuration file that is in force for a parsed command. */
export function configurationOf(
  command: Command,
  { environment, workingFolder, homeFolder }: Surroundings,
): ConfigurationFile | undefined {
  const flag: unknown = command.getOptionValue('config');
  if (flag === false) return undefined;
  const named = typeof flag === 'string' ? flag : (environment[CONFIGURATION_VARIABLE] ?? '');
  if (named !== '') return readConfiguration(named);
  return workingFolder === undefined ? undefined : findConfiguration(workingFolder, homeFolder);
}

function environmentSettings(flags: ReadonlyMap<string, Flag>, { environment }: Surroundings): Setting[] {
  return [...flags.values()].flatMap((flag) => {
    const { variable } = flag;
    const text = environment[variable] ?? '';
    if (text === '') return [];
    try {
      return [{ flag, name: variable, value: valueOfVariable(flag, text) }];
    } catch (error) {
      const rule = `The environment variable ${variable} is not valid. ${errorMessage(error)}`;
      throw new IsovecError('CONFIG_INVALID', `${rule} Correct it, or unset it.`, { cause: error, data: { variable } });
    }
  });
}

function sectionSettings(
  file: ConfigurationFile,
  keys: readonly string[],
  flags: ReadonlyMap<string, Flag>,
): Setting[] {
  const section = keys.reduce<unknown>((value, key) => (isJsonObject(value) ? value[key] : undefined), file.values);
  const values: JsonObject = isJsonObject(section) ? section : {};
  return [...flags.values()].flatMap((flag) => {
    if (!Object.hasOwn(values, flag.key)) return [];
    const place = [...keys, flag.key];
    try {
      const value = valueOfMember(flag, values[flag.key], path.dirname(file.path));
      return [{ flag, name: `${file.path}: ${JSON.stringify(place.join('.'))}`, value }];
    } catch (error) {
      throw invalidMember(file, place, errorMessage(error));
    }
  });
}

/** The sections that hold for a command, its own first: `[['models', 'prune'], ['models'], []]`. */
function sectionsOf(command: Command): string[][] {
  if (command.parent === null) return [[]];
  const around = sectionsOf(command.parent);
  return [[...(around[0] ?? []), command.name()], ...around];
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

function conflict(one: Flag, other: Flag): boolean {
  return namesConflict(one, other.key) || namesConflict(other, one.key);
}

/** The names given to commander's `conflicts()`, which its type declarations leave out. */
function namesConflict({ option }: Flag, key: string): boolean {
  const names: unknown = 'conflictsWith' in option ? option.conflictsWith : [];
  return Array.isArray(names) && names.includes(key);
}
