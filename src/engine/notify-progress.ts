import { IsovecError } from '../shared/isovec-error.js';
import type { Progress, ProgressListener } from '../shared/progress.js';

/** Tells a caller's listener of a step. What it throws is the caller's own mistake: CONFIG_INVALID, with its cause. */
export function notifyProgress(listener: ProgressListener | undefined, progress: Progress): void {
  try {
    listener?.(progress);
  } catch (cause) {
    throw new IsovecError('CONFIG_INVALID', 'The option onProgress threw an error; a progress listener must not.', {
      cause,
      data: { option: 'onProgress' },
    });
  }
}
