import { silentLogger } from '../shared/log.js';
import type { LoadOptions } from './load-options.js';
import type { Int8Request } from './prepare-model.js';

/** What int8 weights are asked for, as this processor can use them. */
export async function int8Request({
  weightBits,
  calibration,
  signal,
  onProgress,
  logger,
}: LoadOptions): Promise<Int8Request> {
  const { chooseQuantization } = await import('./quantize/quantization.js');
  return {
    chosen: await chooseQuantization({ weightBits, calibration }, signal),
    onProgress,
    logger: logger ?? silentLogger,
  };
}
