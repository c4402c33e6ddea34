import { isJsonObject, type JsonObject } from '../../formats/json/parse-json.js';
import type { ErrorCode } from '../../shared/error-table.js';
import { IsovecError } from '../../shared/isovec-error.js';

/** Values in messages are cut to this length: a file may hold anything. */
const SHOWN_LENGTH = 160;

/**
 * The members of a configuration object, read with their type checked. Every error is one IsovecError that names the
 * file, the key and the rule. As in Python's `config.get(key)`, null and absent are the same unless a method says
 * otherwise.
 *
 * Hand-written rather than a schema library: this runs on every model load, and loading one takes longer than all
 * the rest of reading a configuration.
 */
export class ConfigFields {
  /** Name of the file in messages. */
  readonly file: string;
  readonly values: JsonObject;
  /** What a member that breaks its rule is. */
  readonly #code: ErrorCode;

  constructor(file: string, values: JsonObject, code: ErrorCode = 'CONFIG_INVALID') {
    this.file = file;
    this.values = values;
    this.#code = code;
  }

  /** The unchecked member, or undefined if it is absent or null. Inherited names such as 'constructor' are absent. */
  get(key: string): unknown {
    return Object.hasOwn(this.values, key) ? (this.values[key] ?? undefined) : undefined;
  }

  optionalString(key: string): string | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === 'string') return value;
    throw this.invalid(key, 'a string');
  }

  string(key: string): string {
    const value = this.optionalString(key);
    if (value === undefined) throw this.invalid(key, 'a string');
    return value;
  }

  /** A string that matches; `rule` says what it then is. */
  matching(key: string, pattern: RegExp, rule: string): string {
    const value = this.get(key);
    if (typeof value === 'string' && pattern.test(value)) return value;
    throw this.invalid(key, rule);
  }

  /** A list of strings, which may be empty. */
  strings(key: string): readonly string[] {
    const value = this.get(key);
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw this.invalid(key, 'a list of strings');
  }

  optionalBoolean(key: string): boolean | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.invalid(key, 'true or false');
  }

  boolean(key: string, fallback: boolean): boolean {
    return this.optionalBoolean(key) ?? fallback;
  }

  /** An integer from 1 to `max`. */
  optionalPositiveInteger(key: string, max: number = Number.MAX_SAFE_INTEGER): number | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max) return value;
    throw this.invalid(key, max === Number.MAX_SAFE_INTEGER ? 'a positive integer' : `an integer from 1 to ${max}`);
  }

  positiveInteger(key: string, max: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.optionalPositiveInteger(key, max);
    if (value === undefined) throw this.invalid(key, `an integer from 1 to ${max}`);
    return value;
  }

  /** An integer of at least 0. */
  naturalNumber(key: string): number {
    const value = this.get(key);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.invalid(key, 'an integer of at least 0');
  }

  /** A finite number. */
  number(key: string): number {
    const value = this.get(key);
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw this.invalid(key, 'a number');
  }

  /** A limit in tokens; writers mark "no limit" by huge numbers such as 1e30, which need not be safe integers. */
  optionalTokenLimit(key: string): number | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
    throw this.invalid(key, 'a positive integer');
  }

  optionalObject(key: string): ConfigFields | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (isJsonObject(value)) return new ConfigFields(`${this.file} (${key})`, value, this.#code);
    throw this.invalid(key, 'an object');
  }

  /** A list of objects, which may be empty. */
  objects(key: string): readonly ConfigFields[] {
    const value = this.get(key);
    if (!Array.isArray(value)) throw this.invalid(key, 'a list');
    return value.map((item: unknown, index) => {
      if (isJsonObject(item)) return new ConfigFields(`${this.file} (${key}[${index}])`, item, this.#code);
      throw this.invalid(key, 'a list of objects');
    });
  }

  /** CONFIG_INVALID, or the code that was chosen: "FILE: KEY must be RULE, not VALUE." */
  invalid(key: string, rule: string, code: ErrorCode = this.#code): IsovecError {
    const value = this.get(key);
    const found = value === undefined ? 'but it is missing' : `not ${showValue(value)}`;
    return new IsovecError(code, `${this.file}: ${key} must be ${rule}, ${found}.`, {
      data: { file: this.file, key },
    });
  }

  /** ARCHITECTURE_UNSUPPORTED: "FILE: KEY is VALUE, which isovec does not support; WAY OUT." */
  unsupported(key: string, wayOut: string): IsovecError {
    return new IsovecError(
      'ARCHITECTURE_UNSUPPORTED',
      `${this.file}: ${key} is ${showValue(this.get(key))}, which isovec cannot run in process; ${wayOut}.`,
      { data: { file: this.file, key } },
    );
  }
}

/** A value as a message shows it: short, and without its contents if it is long. */
export function showValue(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return 'undefined';
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
