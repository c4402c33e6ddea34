import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { MemoryFilter } from '../../memory/memory-filter.js';
import type { MemoryKind } from '../../memory/memory-record.js';
import { kindOption, LEVEL_NAMES, type LevelName, levelOf, repeatable, tagOption } from './memory-flags.js';
import { parseMoment } from './parse-moment.js';

/** Flags that say which memories are meant. */
export interface FilterFlags {
  readonly tag: readonly string[];
  readonly allTags?: boolean;
  readonly level: readonly LevelName[];
  readonly kind?: MemoryKind;
  readonly source?: string;
  readonly since?: number;
  readonly until?: number;
}

const FILTER = 'Options of which memories:';

/** Adds the flags that say which memories are meant; without any, all are. */
export function addFilterFlags(command: Command): Command {
  const moments = 'a date (2026-01-31), a time with its zone, or how long ago (7d)';
  for (const option of [
    tagOption('only memories with this tag'),
    new Option('--all-tags', 'with every --tag, not with any of them'),
    levelsOption('only this level'),
    kindOption('only what happened (episodic), or only what is known (semantic)'),
    sourceOption('only memories of this source'),
    new Option('--since <when>', `only from then on: ${moments}`).argParser(parseMoment),
    new Option('--until <when>', 'only before then').argParser(parseMoment),
  ]) {
    command.addOption(option.helpGroup(FILTER));
  }
  return command;
}

/** The flag for a source. */
export function sourceOption(description: string): Option {
  return new Option('--source <path>', `${description}: the file, folder or repository that was loaded`);
}

/** The filter that a command's flags stand for. */
export function filterOf(flags: FilterFlags): Omit<MemoryFilter, 'dimensions'> {
  const { level, kind, source, since, until } = flags;
  return {
    ...tagFilter(flags),
    ...(level.length === 0 ? {} : { levels: level.map(levelOf) }),
    ...(kind === undefined ? {} : { kinds: [kind] }),
    ...(source === undefined ? {} : { source: path.resolve(source) }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}

/** The part of the filter that is about tags. */
export function tagFilter({
  tag,
  allTags = false,
}: Pick<FilterFlags, 'tag' | 'allTags'>): Pick<MemoryFilter, 'anyTags' | 'allTags'> {
  if (tag.length === 0) return {};
  return allTags ? { allTags: tag } : { anyTags: tag };
}

/** Choices come with a parser of one value; the one that collects is put back. */
function levelsOption(description: string): Option {
  const repeated = repeatable('--level <level>', description, parseLevel);
  const parser = repeated.parseArg;
  const option = repeated.choices(LEVEL_NAMES);
  return parser === undefined ? option : option.argParser(parser);
}

function parseLevel(text: string): LevelName {
  const name = LEVEL_NAMES.find((one) => one === text);
  if (name === undefined) throw new InvalidArgumentError(`It must be one of ${LEVEL_NAMES.join(', ')}.`);
  return name;
}
