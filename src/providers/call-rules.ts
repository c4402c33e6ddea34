import { isOneOf, isSignal, type OptionRule } from '../shared/check-options.js';
import type { ProviderCallOptions } from './provider.js';

const isDeadline: OptionRule = (value) => {
  const time = value instanceof Date ? value.getTime() : value;
  return typeof time === 'number' && !Number.isNaN(time) ? undefined : 'must be a Date or milliseconds since the epoch';
};

/** The rules of the options that every call to a provider takes. */
export const PROVIDER_CALL_RULES: Readonly<Record<keyof ProviderCallOptions, OptionRule>> = {
  signal: isSignal,
  deadline: isDeadline,
  priority: isOneOf('high', 'normal', 'low'),
};
