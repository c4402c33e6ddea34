import type { Progress } from '../../shared/progress.js';

/** A way in which progress is shown. */
export interface ProgressDisplay {
  show(progress: Progress): void;
  /** Makes room for other text. */
  clear(): void;
  /** Shows what was held back; nothing follows. */
  finish(): void;
}
