import type { ErrorCode } from '../../../shared/error-table.js';
import { errorMessage, IsovecError, isIsovecError, systemErrorCode } from '../../../shared/isovec-error.js';

/** SQLSTATE of transactions that are to be made again: another one was in the way. */
const TO_BE_REPEATED: ReadonlySet<string> = new Set(['40001', '40P01']);
/** Of a full disk. */
const DISK_FULL = '53100';
/** Of pages that are not what was written. */
const DAMAGED: ReadonlySet<string> = new Set(['XX001', 'XX002']);
/** Of who is not let in, or may not do what is needed: trying again changes nothing. */
const REFUSED: Readonly<Record<string, string>> = {
  '28000': 'it does not let this user in',
  '28P01': 'it does not let this user in with this password',
  '3D000': 'there is no such database',
  '42501':
    'this user may not do that; the owner of the database grants it: GRANT CREATE ON DATABASE ... TO ..., or the rights on the schema',
};

/** Whether a transaction failed only because of another one. */
export function isToBeRepeated(error: unknown): boolean {
  return TO_BE_REPEATED.has(sqlState(error));
}

/**
 * What the client of PostgreSQL threw, as an `IsovecError`: CONFIG_INVALID (who connects is refused), INPUT_INVALID (a value that
 * PostgreSQL cannot keep), STORAGE_FULL, FORMAT_INVALID (damage), else STORE_UNAVAILABLE. The server's own words are told
 * only where they hold no contents.
 */
export function postgresError(cause: unknown, place: string): IsovecError {
  if (isIsovecError(cause)) return cause;
  const state = sqlState(cause);
  const make = (code: ErrorCode, message: string): IsovecError =>
    new IsovecError(code, message, { cause, data: { store: place, ...(state === '' ? {} : { sqlState: state }) } });
  const refusal = REFUSED[state];
  if (refusal !== undefined) return make('CONFIG_INVALID', `${place} cannot be used: ${refusal}.`);
  if (state === DISK_FULL) return make('STORAGE_FULL', `There is no room at ${place}. Free some, and try again.`);
  if (DAMAGED.has(state)) return make('FORMAT_INVALID', `${place} is damaged. Restore a backup.`);
  if (state.startsWith('22')) {
    return make(
      'INPUT_INVALID',
      `${place} cannot keep a value (SQLSTATE ${state}): texts must be whole Unicode without the character U+0000, and instants whole numbers.`,
    );
  }
  // A table that somebody dropped is the administrator's; any other statement that does not fit is ours.
  if (state.startsWith('42') && state !== '42P01')
    return make('INTERNAL', `A statement does not fit ${place} (SQLSTATE ${state}).`);
  const reason = state === '' ? unreachable(cause) : `SQLSTATE ${state}`;
  return make('STORE_UNAVAILABLE', `${place} cannot be used now (${reason}). Try again when the server is there.`);
}

function sqlState(error: unknown): string {
  const code = systemErrorCode(error) ?? '';
  return /^[0-9A-Z]{5}$/.test(code) ? code : '';
}

/** What the client says of a connection; where several addresses were tried, of the first one. */
function unreachable(cause: unknown): string {
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  return errorMessage(first).split('\n', 1)[0] ?? '';
}
