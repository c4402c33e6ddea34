import type { ErrorCode } from '../../../shared/error-table.js';
import { errorMessage, IsovecError, isIsovecError } from '../../../shared/isovec-error.js';

/**
 * What the client of Qdrant threw, as an `IsovecError`: CONFIG_INVALID (the key is refused, or this is no Qdrant), STORAGE_FULL, INTERNAL
 * (a request that the server does not take), else STORE_UNAVAILABLE. The server's own words may hold contents and are not told.
 */
export function qdrantError(cause: unknown, place: string): IsovecError {
  if (isIsovecError(cause)) return cause;
  const status = statusOf(cause);
  const make = (code: ErrorCode, message: string): IsovecError =>
    new IsovecError(code, message, { cause, data: { store: place, ...(status === undefined ? {} : { status }) } });
  if (status === 401 || status === 403) {
    return make(
      'CONFIG_INVALID',
      `${place} does not let this API key in (HTTP ${status}). Give one that may read and write.`,
    );
  }
  if (status === 507) return make('STORAGE_FULL', `There is no room at ${place}. Free some, and try again.`);
  if (status === 404) {
    return make(
      'STORE_UNAVAILABLE',
      `${place} is gone (HTTP 404). Opened again, it is made anew and given everything.`,
    );
  }
  if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return make('INTERNAL', `${place} does not take a request (HTTP ${status}). It must be Qdrant 1.10 or later.`);
  }
  if (status === undefined && isForeignAnswer(cause)) {
    return make(
      'CONFIG_INVALID',
      `${place} answers, but not as Qdrant does. Name the address of its HTTP interface, port 6333.`,
    );
  }
  const reason = status === undefined ? reasonOf(cause) : `HTTP ${status}`;
  return make('STORE_UNAVAILABLE', `${place} cannot be used now (${reason}). Try again when the server is there.`);
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'QdrantClientResourceExhaustedError') return 429;
  return 'status' in error && typeof error.status === 'number' ? error.status : undefined;
}

/** An answer without what every answer of Qdrant has, or that is no JSON. */
function isForeignAnswer(error: unknown): boolean {
  return error instanceof Error && (error instanceof SyntaxError || error.message === 'Result came uninitialized');
}

/** What stands behind "fetch failed". */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'QdrantClientTimeoutError') return 'no answer in time';
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  return errorMessage(cause instanceof AggregateError ? cause.errors[0] : cause).split('\n', 1)[0] ?? '';
}
