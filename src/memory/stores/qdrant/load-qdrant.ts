import type * as Qdrant from '@qdrant/js-client-rest';
import { missingPackage } from '../../../shared/missing-package.js';

/** Loads the client of Qdrant, which is an optional package. PACKAGE_MISSING with the command that installs it. */
export async function loadQdrant(): Promise<typeof Qdrant> {
  try {
    return await import('@qdrant/js-client-rest');
  } catch (cause) {
    throw missingPackage('Memory in Qdrant', ['@qdrant/js-client-rest@1.18.0'], cause);
  }
}
