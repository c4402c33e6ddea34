import { IsovecError } from '../shared/isovec-error.js';
import type { ServedModels } from './served-models.js';

/** The error of what needs a model of another kind than those that are served. */
export function otherKindError(models: ServedModels, what: string, needs: string): IsovecError {
  // What text-embeddings-inference answers.
  return new IsovecError(
    'ARCHITECTURE_UNSUPPORTED',
    `${what} needs ${needs}; ${models.defaultName} gives sentence embeddings.`,
    {
      data: { http: 424 },
    },
  );
}
