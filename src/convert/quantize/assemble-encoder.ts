import type { EncoderParameters } from '../encoder-parameters.js';
import type { QuantizedEncoder } from './quantized-encoder.js';
import type { ShiftedLayer } from './quantize-layer.js';
import { shiftNorm } from './rewrite-layer.js';

/** Puts quantised layers together: each gives its output shifted by as much as the next one expects. */
export function assembleEncoder(
  { shape, positions, tokenTypes, embeddingNorm }: EncoderParameters,
  words: QuantizedEncoder['words'],
  layers: readonly ShiftedLayer[],
): QuantizedEncoder {
  const first = layers[0];
  return {
    shape,
    words,
    positions,
    tokenTypes,
    embeddingNorm: first === undefined ? embeddingNorm : shiftNorm(embeddingNorm, first.inputShift),
    layers: layers.map(({ layer }, index) => {
      const next = layers[index + 1];
      return next === undefined ? layer : { ...layer, outputNorm: shiftNorm(layer.outputNorm, next.inputShift) };
    }),
  };
}
