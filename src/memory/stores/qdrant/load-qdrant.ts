import type * as Qdrant from '@qdrant/js-client-rest';
import { errorMessage, IsovecError } from '../../../shared/isovec-error.js';

/** Loads the client of Qdrant, which is an optional package. PACKAGE_MISSING with the command that installs it. */
export async function loadQdrant(): Promise<typeof Qdrant> {
  try {
    return await import('@qdrant/js-client-rest');
  } catch (cause) {
    throw new IsovecError(
      'PACKAGE_MISSING',
      `Memory in Qdrant needs the package @qdrant/js-client-rest, which cannot be loaded (${errorMessage(cause).split('\n', 1)[0] ?? ''}). Install it with: npm install @qdrant/js-client-rest@1.18.0`,
      { cause, data: { package: '@qdrant/js-client-rest' } },
    );
  }
}
