import type * as Pg from 'pg';
import { missingPackage } from '../../../shared/missing-package.js';

/** Loads the client of PostgreSQL, which is an optional package. PACKAGE_MISSING with the command that installs it. */
export async function loadPg(): Promise<typeof Pg> {
  try {
    return await import('pg');
  } catch (cause) {
    throw missingPackage('Memory in PostgreSQL', ['pg@8.23.1'], cause);
  }
}
