import type { ModelRecord } from '../models/model-record.js';
import { PROVIDER_CALL_RULES } from '../providers/call-rules.js';
import type { Priority, ProviderCallOptions } from '../providers/provider.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { ProgressListener } from '../shared/progress.js';
import type { CalibrationRanges, Precision } from '../vector/index.js';
import {
  checkOptions,
  isBoolean,
  isFunction,
  isObject,
  isOneOf,
  isString,
  isWhole,
  type OptionRule,
} from '../shared/check-options.js';
import { LONE_SURROGATE } from '../shared/lone-surrogate.js';

/** As the scheduler takes them: lower runs first. */
export const PRIORITIES: Readonly<Record<Priority, number>> = { high: 0, normal: 1, low: 2 };

/** Options that every call takes. */
export interface CallOptions extends ProviderCallOptions {
  /** Called after every batch with the number of finished texts. */
  readonly onProgress?: ProgressListener;
  /** Text put in front of every input; '' disables the model's default prompt. Beats {@link promptName}. */
  readonly prompt?: string;
  /** Name of one of the model's own prompts. */
  readonly promptName?: string;
}

/** Options of `encode` and its kin. */
export interface EncodeOptions<P extends Precision = 'float32'> extends CallOptions {
  /**
   * Keeps only the first dimensions of each vector, without renormalising: `truncate_dim` of Python. As there, a number
   * beyond the model's own dimensions cuts nothing.
   */
  readonly dimensions?: number;
  /** Normalises the vectors, after the cut, whether or not the model does. */
  readonly normalize?: boolean;
  /** Element type of the vectors; 'float32' by default. */
  readonly precision?: P;
  /** Ranges for the precisions int8 and uint8, from `calibrationRanges`; never taken from the call's own texts. */
  readonly ranges?: CalibrationRanges;
}

const isPrompt: OptionRule = (value) =>
  isString(value) ??
  (typeof value === 'string' && LONE_SURROGATE.test(value) ? 'must not hold half a surrogate pair' : undefined);

const CALL_RULES: Readonly<Record<string, OptionRule>> = {
  ...PROVIDER_CALL_RULES,
  onProgress: isFunction,
  prompt: isPrompt,
  promptName: isString,
};

const ENCODE_RULES: Readonly<Record<string, OptionRule>> = {
  ...CALL_RULES,
  dimensions: isWhole(1),
  normalize: isBoolean,
  precision: isOneOf('float32', 'int8', 'uint8', 'binary', 'ubinary'),
  ranges: isObject,
};

/** Checks the options of a call; CONFIG_INVALID names the option and the rule. */
export function checkCallOptions(call: string, options: CallOptions): void {
  checkOptions(call, options, CALL_RULES);
}

/** Checks the options of an encoding call; CONFIG_INVALID names the option and the rule. */
export function checkEncodeOptions(call: string, options: EncodeOptions<Precision>): void {
  checkOptions(call, options, ENCODE_RULES);
  const { precision } = options;
  if ((precision === 'int8' || precision === 'uint8') && options.ranges === undefined) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `${call}: precision ${precision} needs the option ranges; make it once with calibrationRanges(batch) from float32 vectors of typical texts, and keep it for queries and documents alike.`,
      { data: { option: 'ranges' } },
    );
  }
}

/** What a call is for: the model may have a prompt of its own for queries and for documents. */
export type EncodeTask = 'plain' | 'query' | 'document';

/** Names under which a document prompt is looked for, in this order. */
const DOCUMENT_PROMPTS = ['document', 'passage', 'corpus'];

/**
 * The prompt of a call, by sentence-transformers' rules: an explicit prompt, else a named one, else the task's own, which
 * is the empty string where the model has none; only a plain call falls back to the default prompt. CONFIG_INVALID for
 * an unknown name, listing the known ones.
 */
export function resolvePrompt(
  options: CallOptions,
  task: EncodeTask,
  { prompts, defaultPromptName }: Pick<ModelRecord, 'prompts' | 'defaultPromptName'>,
): string {
  if (options.prompt !== undefined) return options.prompt;
  const name = options.promptName;
  if (name !== undefined) {
    const prompt = named(prompts, name);
    if (prompt !== undefined) return prompt;
    const known = Object.keys(prompts);
    const list = known.length === 0 ? 'the model has none' : `known are ${known.join(', ')}`;
    throw new IsovecError(
      'CONFIG_INVALID',
      `Option promptName: the model has no prompt named ${JSON.stringify(name)}; ${list}.`,
      {
        data: { option: 'promptName', known },
      },
    );
  }
  if (task === 'query') return named(prompts, 'query') ?? '';
  if (task === 'document') {
    const found = DOCUMENT_PROMPTS.find((candidate) => named(prompts, candidate) !== undefined);
    return found === undefined ? '' : (named(prompts, found) ?? '');
  }
  return defaultPromptName === undefined ? '' : (named(prompts, defaultPromptName) ?? '');
}

function named(prompts: ModelRecord['prompts'], name: string): string | undefined {
  return Object.hasOwn(prompts, name) ? prompts[name] : undefined;
}
