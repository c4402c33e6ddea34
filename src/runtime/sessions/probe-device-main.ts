import process from 'node:process';
import { errorMessage } from '../../shared/isovec-error.js';
import { FLUSH_TO_ZERO_MODEL } from './flush-to-zero-model.js';
import { loadEngine } from './load-engine.js';

// The entry of a process that tries one device and exits with 0 if a session starts there, else prints the reason: what
// drivers write, and how they may end, stays out of the process that asks.

try {
  const [, , device = 'cpu'] = process.argv;
  const session = await loadEngine().InferenceSession.create(FLUSH_TO_ZERO_MODEL, {
    executionProviders: [device],
    logSeverityLevel: 4,
  });
  await session.release();
} catch (error) {
  process.stdout.write(errorMessage(error));
  process.exitCode = 1;
}
