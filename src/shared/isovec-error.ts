import { ERROR_TABLE, type ErrorCode } from './error-table.js';

/** What an error carries beside its message: plain values that survive JSON and `postMessage`. */
export type ErrorData = Readonly<Record<string, unknown>>;

/** Options of an {@link IsovecError}. */
export interface IsovecErrorOptions {
  readonly cause?: unknown;
  readonly data?: ErrorData;
}

/** An error as it travels between threads and processes. */
export interface SerializedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly data?: ErrorData;
}

/**
 * The one error class. The message says what happened, to which thing, and what to do next; it never holds input
 * texts or credentials.
 */
export class IsovecError extends Error {
  override readonly name: string = 'IsovecError';
  readonly code: ErrorCode;
  readonly data: ErrorData;

  constructor(code: ErrorCode, message: string, options: IsovecErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.data = options.data ?? {};
  }

  /** Whether the same request may succeed later. */
  get retryable(): boolean {
    return ERROR_TABLE[this.code].retryable;
  }

  toJSON(): SerializedError {
    return { code: this.code, message: this.message, data: this.data };
  }

  static fromJSON(error: SerializedError): IsovecError {
    return new IsovecError(error.code, error.message, { data: error.data ?? {} });
  }
}

/** Whether a value is an {@link IsovecError}, optionally of one code. Holds across copies of the package. */
export function isIsovecError(value: unknown, code?: ErrorCode): value is IsovecError {
  return (
    value instanceof Error &&
    value.name === 'IsovecError' &&
    'code' in value &&
    (code === undefined ? typeof value.code === 'string' && value.code in ERROR_TABLE : value.code === code)
  );
}

/** The value as an {@link IsovecError}: unchanged if it is one, else INTERNAL with the value as its cause. */
export function toIsovecError(value: unknown): IsovecError {
  if (isIsovecError(value)) return value;
  return new IsovecError('INTERNAL', errorMessage(value), { cause: value });
}

/** The message of anything that was thrown. */
export function errorMessage(value: unknown): string {
  return value instanceof Error ? value.message : String(value);
}

/** The code of a Node system error such as 'ENOSPC', if it has one. */
export function systemErrorCode(value: unknown): string | undefined {
  return value instanceof Error && 'code' in value && typeof value.code === 'string' ? value.code : undefined;
}
