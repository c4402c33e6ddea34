import path from 'node:path';
import type { Option } from 'commander';
import { type Flag, isSwitch, placeholderOf, takesValue } from './flag.js';

/** What a setting comes to: a value for the command, or nothing where a switch is off, as if its flag were absent. */
export type FlagValue = { readonly given: true; readonly value: unknown } | { readonly given: false };

const ON: ReadonlySet<string> = new Set(['1', 'true', 'yes', 'on']);
const OFF: ReadonlySet<string> = new Set(['0', 'false', 'no', 'off']);
const NOT_GIVEN: FlagValue = { given: false };

/** Whether the text of an environment variable means on or off; undefined for any other text. */
export function switchOf(text: string): boolean | undefined {
  const word = text.toLowerCase();
  return ON.has(word) ? true : OFF.has(word) ? false : undefined;
}

/** The value that an environment variable gives a flag; throws an Error with the rule that its text breaks. */
export function valueOfVariable(flag: Flag, text: string): FlagValue {
  if (isSwitch(flag)) {
    const on = switchOf(text);
    if (on !== undefined && !(on && flag.option.required)) return switched(flag, on);
    if (!takesValue(flag)) throw new Error('It must be 1, true, yes or on, or 0, false, no or off.');
  }
  return given(parsed(flag.option, collects(flag.option) ? listOf(text) : [text]));
}

/**
 * The value that a member of a configuration file gives a flag; throws an Error with the rule that it breaks. Relative
 * files and folders are those of `folder`, the configuration file's own.
 */
export function valueOfMember(flag: Flag, value: unknown, folder: string): FlagValue {
  const { option } = flag;
  if (typeof value === 'boolean' && isSwitch(flag) && !(value && option.required)) return switched(flag, value);
  if (!takesValue(flag)) throw new Error('It must be true or false.');
  if (Array.isArray(value) && !collects(option)) throw new Error('It must be one value, not a list.');
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = list.map((one) => {
    if (typeof one === 'string') return located(option, one, folder);
    if (typeof one === 'number') return String(one);
    throw new Error(`It must be a text or a number, not ${kindOf(one)}.`);
  });
  const result = parsed(option, texts);
  const results: readonly unknown[] = Array.isArray(result) ? result : [result];
  for (const [index, one] of results.entries()) checkKind(list[index], one);
  return given(result);
}

/** Whether the flag may be repeated, each value being kept. */
export function collects({ variadic, defaultValue }: Option): boolean {
  return variadic || Array.isArray(defaultValue);
}

/** A value parses as it does on the command line; beyond that a number is a number and a text is a text. */
function checkKind(written: unknown, result: unknown): void {
  if (typeof result === 'string' && typeof written === 'number') throw new Error('It must be a text, in quotes.');
  if (typeof result === 'number' && typeof written === 'string' && Number.isFinite(Number(written))) {
    throw new Error('It must be a number, without quotes.');
  }
}

function switched({ option, negation }: Flag, on: boolean): FlagValue {
  if (!on) return negation === undefined ? NOT_GIVEN : given(false);
  return option.negate ? NOT_GIVEN : given(option.presetArg ?? true);
}

function given(value: unknown): FlagValue {
  return { given: true, value };
}

/** As commander itself does with what stands on the command line; repeated values are collected. */
function parsed(option: Option, texts: readonly string[]): unknown {
  const { parseArg } = option;
  const initial: unknown = option.defaultValue;
  if (texts.length === 0) throw new Error('It must hold at least one value.');
  if (parseArg !== undefined) return texts.reduce((previous, text) => parseArg(text, previous), initial);
  return option.variadic ? texts : texts[0];
}

/** Several values are a JSON list, for a separator could be part of a value. */
function listOf(text: string): string[] {
  if (!text.startsWith('[')) return [text];
  const rule = 'It must be one value, or a JSON list of texts such as ["a", "b"].';
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    throw new Error(rule, { cause });
  }
  if (!Array.isArray(list) || !list.every((one) => typeof one === 'string')) throw new Error(rule);
  return list;
}

function located(option: Option, text: string, folder: string): string {
  const placeholder = placeholderOf(option);
  if (placeholder === 'model') return /^\.{1,2}([\\/]|$)/.test(text) ? path.resolve(folder, text) : text;
  const isPlace = ['file', 'folder', 'path'].includes(placeholder) && text !== '-' && text !== '';
  return isPlace ? path.resolve(folder, text) : text;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
