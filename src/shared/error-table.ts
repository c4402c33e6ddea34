/** A code of the table below. */
export type ErrorCode =
  | 'CONFIG_INVALID'
  | 'MODEL_NOT_FOUND'
  | 'MODEL_FILE_MISSING'
  | 'SOURCE_UNREACHABLE'
  | 'SOURCE_FORBIDDEN'
  | 'DIGEST_MISMATCH'
  | 'FORMAT_INVALID'
  | 'ARCHITECTURE_UNSUPPORTED'
  | 'WEIGHTS_MISMATCH'
  | 'INPUT_INVALID'
  | 'INPUT_TOO_LONG'
  | 'BATCH_TOO_LARGE'
  | 'BODY_TOO_LARGE'
  | 'UNAUTHORIZED'
  | 'NOT_FOUND'
  | 'OVERLOADED'
  | 'DEADLINE_EXCEEDED'
  | 'ABORTED'
  | 'WORKER_LOST'
  | 'PROVIDER_UNAVAILABLE'
  | 'PROVIDER_REJECTED'
  | 'PROVIDER_BAD_RESPONSE'
  | 'SPACE_MISMATCH'
  | 'STORE_UNAVAILABLE'
  | 'PACKAGE_MISSING'
  | 'CLOSED'
  | 'STORAGE_FULL'
  | 'INTERNAL';

/** How one error code appears on every transport, and what a caller may do about it. */
export interface ErrorTableRow {
  /** What the code stands for, in one sentence. */
  readonly meaning: string;
  /** HTTP status of the REST interfaces. */
  readonly http: number;
  /** Canonical gRPC status code (google.rpc.Code). */
  readonly grpc: number;
  /** JSON-RPC 2.0 error code of the Python bridge and of MCP. */
  readonly jsonRpc: number;
  /** Whether the same request may succeed when it is sent again later. */
  readonly retryable: boolean;
  /** Whether a provider chain may try its next member. */
  readonly fallback: boolean;
}

function row(
  meaning: string,
  http: number,
  grpc: number,
  jsonRpc: number,
  flags: { retryable?: boolean; fallback?: boolean } = {},
): ErrorTableRow {
  return { meaning, http, grpc, jsonRpc, retryable: flags.retryable ?? false, fallback: flags.fallback ?? false };
}

const GRPC = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/**
 * The one table of error codes. Class identity does not survive `postMessage`, so the code is what callers test.
 * docs/reference/errors.md is generated from it.
 */
export const ERROR_TABLE: Readonly<Record<ErrorCode, ErrorTableRow>> = {
  CONFIG_INVALID: row('A setting, option or configuration file is wrong.', 400, GRPC.INVALID_ARGUMENT, -32001),
  MODEL_NOT_FOUND: row('No source knows the model or its revision.', 404, GRPC.NOT_FOUND, -32002),
  MODEL_FILE_MISSING: row('The model lacks a file that is needed.', 422, GRPC.FAILED_PRECONDITION, -32003),
  SOURCE_UNREACHABLE: row('A model source could not be reached.', 503, GRPC.UNAVAILABLE, -32004, { retryable: true }),
  SOURCE_FORBIDDEN: row('A model source or a folder refused access.', 403, GRPC.PERMISSION_DENIED, -32005),
  DIGEST_MISMATCH: row('A file is not the file that was published.', 502, GRPC.DATA_LOSS, -32006),
  FORMAT_INVALID: row('A file breaks a rule of its format.', 422, GRPC.FAILED_PRECONDITION, -32007),
  ARCHITECTURE_UNSUPPORTED: row('This kind of model cannot run in process.', 501, GRPC.UNIMPLEMENTED, -32008, {
    fallback: true,
  }),
  WEIGHTS_MISMATCH: row('Weights and configuration disagree.', 422, GRPC.FAILED_PRECONDITION, -32009),
  INPUT_INVALID: row('An input is not what the call takes.', 400, GRPC.INVALID_ARGUMENT, -32602),
  INPUT_TOO_LONG: row('A text is longer than the limit.', 413, GRPC.INVALID_ARGUMENT, -32010),
  BATCH_TOO_LARGE: row('A request holds more texts than the limit.', 413, GRPC.INVALID_ARGUMENT, -32011),
  BODY_TOO_LARGE: row('A request body is larger than the limit.', 413, GRPC.INVALID_ARGUMENT, -32012),
  UNAUTHORIZED: row('The request carries no valid key.', 401, GRPC.UNAUTHENTICATED, -32013),
  NOT_FOUND: row('The thing asked for does not exist.', 404, GRPC.NOT_FOUND, -32014),
  OVERLOADED: row('The queue is full.', 429, GRPC.RESOURCE_EXHAUSTED, -32015, { retryable: true }),
  DEADLINE_EXCEEDED: row('The deadline passed before the answer was there.', 504, GRPC.DEADLINE_EXCEEDED, -32016, {
    retryable: true,
  }),
  ABORTED: row('The caller cancelled.', 499, GRPC.CANCELLED, -32017),
  WORKER_LOST: row('A worker died, and so did its replacement.', 503, GRPC.UNAVAILABLE, -32018, {
    retryable: true,
    fallback: true,
  }),
  PROVIDER_UNAVAILABLE: row('A provider cannot serve.', 503, GRPC.UNAVAILABLE, -32019, {
    retryable: true,
    fallback: true,
  }),
  PROVIDER_REJECTED: row('A provider refused the request.', 502, GRPC.FAILED_PRECONDITION, -32020),
  PROVIDER_BAD_RESPONSE: row('A provider gave an answer that breaks its contract.', 502, GRPC.INTERNAL, -32021),
  SPACE_MISMATCH: row('Vectors of different embedding spaces would mix.', 409, GRPC.FAILED_PRECONDITION, -32022),
  STORE_UNAVAILABLE: row('A store cannot serve.', 503, GRPC.UNAVAILABLE, -32023, { retryable: true }),
  PACKAGE_MISSING: row('An optional package is not installed or cannot be loaded.', 501, GRPC.UNIMPLEMENTED, -32024, {
    fallback: true,
  }),
  CLOSED: row('The object was closed.', 503, GRPC.UNAVAILABLE, -32025),
  STORAGE_FULL: row('There is no room left on the disk.', 507, GRPC.RESOURCE_EXHAUSTED, -32026, { retryable: true }),
  INTERNAL: row('A defect in isovec.', 500, GRPC.INTERNAL, -32603),
};
