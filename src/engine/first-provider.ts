import type { ProviderAttempt } from '../providers/provider.js';
import { ERROR_TABLE } from '../shared/error-table.js';
import { IsovecError, toIsovecError } from '../shared/isovec-error.js';
import { silentLogger } from '../shared/log.js';
import type { LoadOptions } from './load-options.js';
import { providersOf, type SingleProvider } from './provider-choice.js';

/**
 * Loads with the first provider that can, and tells the logger of those that could not. Another is tried only after an error
 * that the table marks with `fallback`, and never for int8, whose vectors others do not give. If none can, the first one's
 * error is thrown with what the others said.
 */
export async function firstProvider<T>(
  { provider, dtype, logger = silentLogger }: LoadOptions,
  load: (provider: SingleProvider, attempts: readonly ProviderAttempt[]) => Promise<T>,
): Promise<T> {
  const attempts: ProviderAttempt[] = [];
  const choices = providersOf(provider);
  let first: IsovecError | undefined;
  for (const [at, choice] of choices.entries()) {
    try {
      return await load(choice, attempts);
    } catch (cause) {
      const error = toIsovecError(cause);
      attempts.push({ provider: choice, code: error.code, reason: error.message });
      // A signal that fires while Python starts is no reason to tell of the first error.
      if (first !== undefined && (error.code === 'ABORTED' || error.code === 'CONFIG_INVALID')) throw error;
      first ??= error;
      const next = choices[at + 1];
      if (!ERROR_TABLE[error.code].fallback || dtype === 'int8' || next === undefined) break;
      logger.warn(`${choice} cannot run this model (${error.code}: ${error.message}) ${next} is tried.`, {
        code: error.code,
        reason: error.message,
      });
    }
  }
  throw withAttempts(first, attempts);
}

function withAttempts(first: IsovecError | undefined, attempts: readonly ProviderAttempt[]): IsovecError {
  if (first === undefined) return new IsovecError('INTERNAL', 'No provider was tried.');
  const others = attempts.slice(1).map(({ provider, reason }) => ` ${provider} could, but: ${reason}`);
  if (others.length === 0) return first;
  return new IsovecError(first.code, first.message + others.join(''), {
    cause: first,
    data: { ...first.data, attempts },
  });
}
