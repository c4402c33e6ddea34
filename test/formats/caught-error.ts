import { IsovecError } from '#src/shared/isovec-error.js';

/** The IsovecError that a call throws or rejects with; any other outcome fails the test. */
export async function caughtError(call: () => unknown): Promise<IsovecError> {
  let outcome: unknown;
  try {
    outcome = await call();
  } catch (error) {
    if (error instanceof IsovecError) return error;
    throw new Error('threw something that is not an IsovecError', { cause: error });
  }
  throw new Error(`did not throw but returned ${typeof outcome}`);
}
