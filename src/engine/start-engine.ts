import { startNursery } from '../runtime/sessions/nursery.js';
import { declineEngineTelemetry } from './settings.js';

/**
 * Begins to load the engine on its own thread, for a caller that is about to load a model and has something else to do
 * before, such as loading the library. Idempotent; nothing needs to be undone.
 */
export function startEngine(): void {
  // Before the thread loads the native code, which reads the environment once.
  declineEngineTelemetry();
  startNursery();
}
