import type * as Pg from 'pg';
import { errorMessage, IsovecError } from '../../../shared/isovec-error.js';

/** Loads the client of PostgreSQL, which is an optional package. PACKAGE_MISSING with the command that installs it. */
export async function loadPg(): Promise<typeof Pg> {
  try {
    return await import('pg');
  } catch (cause) {
    throw new IsovecError(
      'PACKAGE_MISSING',
      `Memory in PostgreSQL needs the package pg, which cannot be loaded (${errorMessage(cause).split('\n', 1)[0] ?? ''}). Install it with: npm install pg@8.23.1`,
      { cause, data: { package: 'pg' } },
    );
  }
}
