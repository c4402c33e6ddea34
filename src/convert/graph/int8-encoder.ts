import type { OnnxTensorData } from '../../formats/onnx/onnx-model.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type {
  QuantizedEncoder,
  QuantizedFeedForward,
  QuantizedInput,
  QuantizedLayer,
  QuantizedLinear,
  QuantizedMatrix,
} from '../quantize/quantized-encoder.js';
import { activate } from './blocks.js';
import type { GraphBuilder } from './graph-builder.js';
import { type QuantizedValue, quantizeInput, ZeroPoints } from './quantize-input.js';
import type { EncoderBlocks, LayerBlocks } from './transformer.js';

/** TensorProto.DataType.FLOAT, the target of Cast. */
const ONNX_FLOAT = 1;

/** A product of a quantised input with an int8 weight, as operators take it. */
export interface IntegerProduct {
  /** uint8 [tokens, in]. */
  readonly input: QuantizedValue;
  readonly weight: QuantizedMatrix;
  /** The weight's int8 initialiser [in, out]. */
  readonly values: string;
  /** Multiplied onto the result with the weight's own scales. */
  readonly scale: number;
  readonly bias: Float32Array | undefined;
}

/** What the two int8 graphs do differently. */
export interface Int8Blocks {
  readonly opset: number;
  /** (input - zero point) W * scale * the scales of W + bias, in float32 [tokens, out]. */
  product(product: IntegerProduct): string;
  /** Where the graph finds an int8 tensor. */
  place(name: string, values: Int8Array): OnnxTensorData;
}

/**
 * An encoder whose linear layers and word table are int8; attention, activations and norms are float32. Hidden states
 * are flat, [tokens, hidden]: a row's scale depends on nothing but the row, so neighbours cannot matter.
 */
export function int8Encoder(graph: GraphBuilder, encoder: QuantizedEncoder, blocks: Int8Blocks): EncoderBlocks {
  const { shape, positions, tokenTypes, embeddingNorm } = encoder;
  const placed = new Map<string, Int8Array>();
  const zeroPoints = new ZeroPoints(graph);
  const tensor = (name: string, dims: readonly number[], values: Int8Array): string => {
    // The graph keeps the first tensor of a name, and a wrong weight would give wrong vectors without a word.
    if ((placed.get(name) ?? values) !== values) throw new IsovecError('INTERNAL', `Two weights are called ${name}.`);
    placed.set(name, values);
    return graph.initializer(name, 'int8', dims, blocks.place(name, values));
  };
  const quantized = (name: string, input: string, how: QuantizedInput): ((linear: QuantizedLinear) => string) => {
    const value = graph.scope('quantize', () => quantizeInput(graph, name, input, how, zeroPoints));
    return ({ weight, bias }) => {
      const values = tensor(weight.name, [weight.rows, weight.columns], weight.values);
      if (value.rowScale === undefined)
        return blocks.product({ input: value, weight, values, scale: value.scale, bias });
      const raw = blocks.product({ input: value, weight, values, scale: 1, bias: undefined });
      const scaled = graph.op('scaled', 'Mul', [raw, value.rowScale]);
      if (bias === undefined) return scaled;
      return graph.op('linear', 'Add', [scaled, graph.floats(`${weight.name}.bias`, [bias.length], bias)]);
    };
  };
  return {
    shape,
    positions,
    tokenTypes,
    embeddingNorm,
    words(ids) {
      const { vocabularySize, hiddenSize } = shape;
      const table = tensor('embeddings.words', [vocabularySize, hiddenSize], encoder.words.values);
      const scales = graph.floats('embeddings.words.scale', [vocabularySize, 1], encoder.words.scales);
      const rows = graph.op('words.int8', 'Gather', [table, ids]);
      const floats = graph.op('words.float', 'Cast', [rows], { attributes: { to: ONNX_FLOAT } });
      return graph.op('words', 'Mul', [floats, graph.op('words.scales', 'Gather', [scales, ids])]);
    },
    layers: encoder.layers.map((layer, index) => int8Layer(graph, encoder, layer, index, quantized, blocks.opset)),
  };
}

function int8Layer(
  graph: GraphBuilder,
  { shape }: QuantizedEncoder,
  layer: QuantizedLayer,
  index: number,
  quantized: (name: string, input: string, how: QuantizedInput) => (linear: QuantizedLinear) => string,
  opset: number,
): LayerBlocks {
  const path = `layer.${index}`;
  const part = (name: string, { intermediate, activated, output }: QuantizedFeedForward, bias?: Float32Array) => {
    return (apply: (linear: QuantizedLinear) => string): string => {
      const inner = graph.scope('intermediate', () => apply(intermediate));
      const active = activate(graph, inner, shape.activation, opset);
      return graph.scope('output', () => quantized(`${path}.${name}`, active, activated)({ weight: output, bias }));
    };
  };
  return {
    project(hidden) {
      const apply = quantized(`${path}.attention.input`, hidden, layer.attentionInput);
      return {
        query: graph.scope('query', () => apply(layer.query)),
        key: graph.scope('key', () => apply(layer.key)),
        value: graph.scope('value', () => apply(layer.value)),
      };
    },
    attentionOutput: (context) =>
      graph.scope('output', () => quantized(`${path}.context`, context, layer.contextInput)(layer.attentionOutput)),
    attentionNorm: layer.attentionNorm,
    feedForward(input) {
      const apply = quantized(`${path}.feed_forward.input`, input, layer.feedForwardInput);
      // The parts are added, so that one of them carries the bias.
      const results = layer.feedForward.map((block, i) =>
        graph.scope(`part.${i}`, () =>
          part(`feed_forward.${i}`, block, i === 0 ? layer.feedForwardBias : undefined)(apply),
        ),
      );
      return results.reduce((sum, result) => graph.op('parts', 'Add', [sum, result]));
    },
    outputNorm: layer.outputNorm,
  };
}
