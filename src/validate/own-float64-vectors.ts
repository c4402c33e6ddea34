import { setImmediate } from 'node:timers/promises';
import type { ModelFiles } from '../models/model-files.js';
import type { ModelRecord } from '../models/model-record.js';
import { throwIfAborted } from '../shared/abort.js';
import { loadReferenceModel } from './reference/load-reference-model.js';

/** A text for the float64 reference. */
export interface ReferenceInput {
  readonly ids: Int32Array;
  /** Leading positions that belong to the prompt. */
  readonly promptLength: number;
}

/**
 * The vectors of isovec's own float64 forward pass. It computes on the calling thread, a text at a time, and takes
 * eight bytes of memory per weight. Codes: those of {@link loadReferenceModel}, and ABORTED.
 */
export async function ownFloat64Vectors(
  files: ModelFiles,
  record: ModelRecord,
  inputs: readonly ReferenceInput[],
  signal: AbortSignal | undefined,
  onStep: () => void,
): Promise<Float64Array[]> {
  const model = await loadReferenceModel(files, record);
  const vectors: Float64Array[] = [];
  for (const { ids, promptLength } of inputs) {
    // Lets timers and signals through between two texts.
    await setImmediate();
    throwIfAborted(signal);
    vectors.push(model.encode(ids, promptLength));
    onStep();
  }
  return vectors;
}
