import type { ErrorCode } from '../shared/error-table.js';

/** Exit statuses of the command line; docs/reference/cli.md and the help are written from this table. */
export const EXIT_MEANINGS = {
  0: 'done',
  1: 'unexpected: a defect, a lost worker, a finding of doctor or memory verify',
  2: 'wrong usage or bad input',
  3: 'the model cannot be had, or there is no room for it',
  4: 'the model cannot be used',
  5: 'validation failed: the vectors are not the expected ones',
  6: 'a limit of the benchmark was not kept, or calls failed',
  130: 'interrupted',
} as const;

/** Exit status of the process. */
export type ExitCode = keyof typeof EXIT_MEANINGS;

/** The exit status that stands for each error code. */
export const EXIT_CODES: Readonly<Record<ErrorCode, ExitCode>> = {
  CONFIG_INVALID: 2,
  MODEL_NOT_FOUND: 3,
  MODEL_FILE_MISSING: 3,
  SOURCE_UNREACHABLE: 3,
  SOURCE_FORBIDDEN: 3,
  DIGEST_MISMATCH: 3,
  FORMAT_INVALID: 4,
  ARCHITECTURE_UNSUPPORTED: 4,
  WEIGHTS_MISMATCH: 4,
  INPUT_INVALID: 2,
  INPUT_TOO_LONG: 2,
  BATCH_TOO_LARGE: 2,
  BODY_TOO_LARGE: 2,
  UNAUTHORIZED: 2,
  NOT_FOUND: 2,
  OVERLOADED: 1,
  DEADLINE_EXCEEDED: 1,
  ABORTED: 130,
  WORKER_LOST: 1,
  PROVIDER_UNAVAILABLE: 1,
  PROVIDER_REJECTED: 1,
  PROVIDER_BAD_RESPONSE: 1,
  SPACE_MISMATCH: 2,
  STORE_UNAVAILABLE: 1,
  PACKAGE_MISSING: 4,
  CLOSED: 1,
  STORAGE_FULL: 3,
  INTERNAL: 1,
};

/** The exit statuses in order, each with its meaning. */
export function exitCodeRows(): readonly (readonly [code: string, meaning: string])[] {
  return Object.entries(EXIT_MEANINGS);
}
