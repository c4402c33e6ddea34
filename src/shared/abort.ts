import { IsovecError } from './isovec-error.js';

/** The error a cancelled call rejects with; the signal's own reason is its cause. */
export function abortError(signal: AbortSignal): IsovecError {
  return new IsovecError('ABORTED', 'The call was cancelled through its AbortSignal.', { cause: signal.reason });
}

/** Throws ABORTED if the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal);
}
