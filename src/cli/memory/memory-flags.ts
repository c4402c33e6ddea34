import { type Command, Option } from 'commander';
import {
  COGNITIVE_DIMENSIONS,
  type CognitiveProfile,
  isCognitiveDimension,
} from '../../memory/cognitive/cognitive-dimensions.js';
import type { MemoryKind, MemoryLevel } from '../../memory/memory-record.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { OutputFlags } from '../command-context.js';
import { addDtypeFlag, addModelFlag, addProviderFlags, addSourceFlags, type ModelFlags } from '../model-flags.js';
import { shareOf } from './parse-share.js';

/** Flags of commands that open what is remembered. */
export interface StoreFlags extends OutputFlags {
  readonly store?: string;
  readonly qdrant?: string;
}

/** Flags of commands that make vectors of memories or queries. */
export interface MemoryModelFlags extends ModelFlags, StoreFlags {}

/** The flags of a model that stand on the command line, and not in a setting for all commands. */
export interface NamedModel {
  readonly model: boolean;
  readonly dtype: boolean;
}

/** What each level is called. */
export const LEVEL_NAMES: readonly ['concept', 'context', 'episode'] = ['concept', 'context', 'episode'];
export type LevelName = (typeof LEVEL_NAMES)[number];
const KINDS: readonly MemoryKind[] = ['episodic', 'semantic'];

/** The level of a name. */
export function levelOf(name: LevelName): MemoryLevel {
  return LEVEL_NAMES.indexOf(name) as MemoryLevel;
}

/** Adds the flags for where memories are kept. */
export function addStoreFlags(command: Command): Command {
  return command
    .option(
      '--store <place>',
      "file of memories, or postgresql://... (default: $ISOVEC_MEMORY, or isovec/memory.db in the user's data)",
    )
    .option('--qdrant <url>', 'a Qdrant server that finds what is in the file; its key is $ISOVEC_QDRANT_API_KEY');
}

/** Adds the flags for the model, which is that of the file if there is one. */
export function addMemoryModelFlags(command: Command): Command {
  const source = 'that of the file of memories';
  command.optionsGroup('Options of the model:');
  return addSourceFlags(addProviderFlags(addDtypeFlag(addModelFlag(command, source), source)));
}

/** Which flags of a model stand on the command line of a command that was parsed. */
export function namedModel(command: Command): NamedModel {
  const named = (key: string): boolean => command.getOptionValueSource(key) === 'cli';
  return { model: named('model'), dtype: named('dtype') };
}

/** A flag that may be repeated, each value being kept. */
export function repeatable(flags: string, description: string, parse: (text: string) => unknown): Option {
  return new Option(flags, `${description}; may be repeated`)
    .argParser((text: string, previous: readonly unknown[]) => [...previous, parse(text)])
    .default([], 'none');
}

/** The flag for tags. */
export function tagOption(description: string): Option {
  return repeatable('--tag <tag>', description, (text) => text);
}

/** The flag for one level. */
export function levelOption(description: string): Option {
  return new Option('--level <level>', description).choices(LEVEL_NAMES);
}

/** The flag for a kind. */
export function kindOption(description: string): Option {
  return new Option('--kind <kind>', description).choices(KINDS);
}

/** The flag for cognitive dimensions, each `name=value`; {@link profileOfFlags} reads them. */
export function dimensionOption(description: string): Option {
  return repeatable('--dimension <name=value>', description, (text) => text);
}

/** Dimensions of a repeated flag; the last value of one name holds. CONFIG_INVALID. */
export function profileOfFlags(values: readonly string[]): Partial<CognitiveProfile> {
  return Object.fromEntries(values.map(readDimension));
}

function readDimension(text: string): readonly [name: string, value: number] {
  const [, name = '', share = ''] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  const rule = (what: string): IsovecError => new IsovecError('CONFIG_INVALID', `--dimension ${text}: ${what}`);
  if (!isCognitiveDimension(name)) {
    throw rule(`it must be name=value, with a name of ${COGNITIVE_DIMENSIONS.join(', ')}.`);
  }
  const value = shareOf(share);
  if (value === undefined) throw rule('its value must be a number from 0 to 1.');
  return [name, value];
}
