import { IsovecError } from '../../shared/isovec-error.js';

/** A refusal for which HTTP has a status of its own. */
export function refused(http: number, message: string): IsovecError {
  return new IsovecError('INPUT_INVALID', message, { data: { http } });
}
