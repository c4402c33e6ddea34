import type { QuantizedEncoder } from '../../convert/quantize/quantized-encoder.js';
import type { ShiftedLayer } from '../../convert/quantize/quantize-layer.js';
import type { ModelFiles } from '../../models/model-files.js';
import type { ModelRecord } from '../../models/model-record.js';
import type { SerializedError } from '../../shared/isovec-error.js';

/** Tokens of calibration texts, sorted by length so that texts of one length follow each other. */
export interface CalibrationTokens {
  /** The token ids of all texts, one after the other. */
  readonly ids: Int32Array;
  /** Texts of one length that run together, in the order of `ids`. */
  readonly batches: readonly { readonly texts: number; readonly length: number }[];
}

/** What a thread that quantises layers starts with. */
export interface LayerThreadStart {
  readonly files: ModelFiles;
  readonly record: ModelRecord;
  readonly tokens: CalibrationTokens;
  /** Largest magnitude of a weight. */
  readonly largest: number;
  /** int32 [1], shared by all threads: not zero when the work is to stop. */
  readonly stop: SharedArrayBuffer;
}

/**
 * To a thread: quantise the word table or a layer, or end. `hidden` is float32 [T, hidden], what the layer before gave;
 * the first layer has none.
 */
export type LayerRequest =
  | { readonly type: 'words' }
  | { readonly type: 'layer'; readonly index: number; readonly hidden: SharedArrayBuffer | undefined }
  | { readonly type: 'end' };

/** From a thread. `observed` comes first: what the next layer needs. */
export type LayerReply =
  | { readonly type: 'observed'; readonly index: number; readonly hidden: SharedArrayBuffer }
  | { readonly type: 'product' }
  | { readonly type: 'words'; readonly words: QuantizedEncoder['words'] }
  | { readonly type: 'quantized'; readonly index: number; readonly result: ShiftedLayer }
  | { readonly type: 'failed'; readonly error: SerializedError };
