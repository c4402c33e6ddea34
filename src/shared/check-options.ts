import { IsovecError } from './isovec-error.js';

/** Checks one option's value; gives the rule it breaks, or undefined. */
export type OptionRule = (value: unknown) => string | undefined;

/**
 * Checks an options object against a table of rules. An unknown key, or a value that breaks its rule, is
 * CONFIG_INVALID naming the call, the key and the rule. A key that is undefined counts as absent.
 */
export function checkOptions(call: string, options: unknown, rules: Readonly<Record<string, OptionRule>>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new IsovecError('CONFIG_INVALID', `${call}: options must be an object.`);
  }
  for (const [key, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) {
      const known = Object.keys(rules).join(', ');
      throw new IsovecError('CONFIG_INVALID', `${call}: unknown option ${key}; known are ${known}.`, {
        data: { option: key },
      });
    }
    const broken = value === undefined ? undefined : rule(value);
    if (broken !== undefined) {
      throw new IsovecError('CONFIG_INVALID', `${call}: option ${key} ${broken}.`, { data: { option: key } });
    }
  }
}

export const isString: OptionRule = (value) => (typeof value === 'string' ? undefined : 'must be a string');
export const isPath: OptionRule = (value) => (typeof value === 'string' && value !== '' ? undefined : 'must be a path');
export const isBoolean: OptionRule = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');
export const isFunction: OptionRule = (value) => (typeof value === 'function' ? undefined : 'must be a function');
export const isObject: OptionRule = (value) =>
  typeof value === 'object' && value !== null ? undefined : 'must be an object';
export const isSignal: OptionRule = (value) => (value instanceof AbortSignal ? undefined : 'must be an AbortSignal');

/** A whole number of at least `least`, and at most `most` if it is given. */
export function isWhole(least: number, most: number = Number.MAX_SAFE_INTEGER): OptionRule {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  return (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
      ? undefined
      : `must be a whole number ${range}, not ${describe(value)}`;
}

/** One of some strings. */
export function isOneOf(...allowed: readonly string[]): OptionRule {
  return (value) =>
    typeof value === 'string' && allowed.includes(value)
      ? undefined
      : `must be one of ${allowed.join(', ')}, not ${describe(value)}`;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}
