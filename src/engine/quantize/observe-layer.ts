import { LAYER_VALUES } from '../../convert/layer-graph.js';
import type { LayerActivations } from '../../convert/quantize/rewrite-layer.js';
import { floatsOf, type GraphSession } from '../../runtime/sessions/graph-session.js';
import type { CalibrationTokens } from './layer-messages.js';

/** Sizes of the activations of a layer. */
export interface LayerWidths {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
}

/** What a layer does with the calibration texts. */
export interface ObservedLayer {
  readonly activations: LayerActivations;
  /** float32 [T, hidden]: the residual stream after the layer, shared so that another thread can go on with it. */
  readonly output: SharedArrayBuffer;
}

/**
 * Runs a graph of one layer on the residual stream that enters it. The graph gives the same bits for a text in any batch.
 *
 * @param throwIfStopped Called before each batch.
 */
export async function observeLayer(
  session: GraphSession,
  { batches }: CalibrationTokens,
  hidden: Float32Array,
  { hiddenSize, intermediateSize }: LayerWidths,
  throwIfStopped: () => void,
): Promise<ObservedLayer> {
  const tokens = hidden.length / hiddenSize;
  const context = new Float32Array(tokens * hiddenSize);
  const attended = new Float32Array(tokens * hiddenSize);
  const activated = new Float32Array(tokens * intermediateSize);
  const output = new SharedArrayBuffer(hidden.byteLength);
  const outputValues = new Float32Array(output);
  let token = 0;
  for (const { texts, length } of batches) {
    throwIfStopped();
    const rows = texts * length;
    const shape = BigInt64Array.of(BigInt(texts), BigInt(length), BigInt(hiddenSize));
    const results = await session.run({
      // The engine takes no shared memory.
      [LAYER_VALUES.hidden]: {
        data: hidden.slice(token * hiddenSize, (token + rows) * hiddenSize),
        dims: [rows, hiddenSize],
      },
      [LAYER_VALUES.shape]: { data: shape, dims: [3] },
    });
    context.set(floatsOf(results, LAYER_VALUES.context), token * hiddenSize);
    attended.set(floatsOf(results, LAYER_VALUES.attended), token * hiddenSize);
    activated.set(floatsOf(results, LAYER_VALUES.activated), token * intermediateSize);
    outputValues.set(floatsOf(results, LAYER_VALUES.output), token * hiddenSize);
    token += rows;
  }
  return {
    activations: {
      hidden: { values: hidden, width: hiddenSize },
      context: { values: context, width: hiddenSize },
      attended: { values: attended, width: hiddenSize },
      activated: { values: activated, width: intermediateSize },
    },
    output,
  };
}
